<?php
// Tests that hold none of the learner's code: its function is in another program, which is asked through pipes. What is
// found is written as JUnit XML.

/** @return string|null the address, or null where the program failed */
function ask(string $title): ?string
{
    $program = proc_open(['php', 'ask.php'], [['pipe', 'r'], ['pipe', 'w'], ['pipe', 'w']], $pipes);
    fwrite($pipes[0], "$title\n");
    fclose($pipes[0]);
    $told = stream_get_contents($pipes[1]);
    $code = proc_close($program);
    $address = json_decode($told, true);
    return $code === 0 && is_string($address) ? $address : null;
}

$cases = [
    'small letters' => [['Home', 'home'], ['ABC', 'abc']],
    'one hyphen' => [['Hello, World!', 'hello-world'], ['a  --  b', 'a-b']],
    'no hyphen at the ends' => [['  (new) ', 'new'], ['What?', 'what']],
    'digits stay' => [['Top 10 of 2024', 'top-10-of-2024']],
    'nothing left' => [['', 'page'], ['?!', 'page']],
];
$report = new XMLWriter();
$report->openMemory();
$report->startElement('testsuite');
$report->writeAttribute('name', 'address');
$failed = 0;
foreach ($cases as $name => $examples) {
    $report->startElement('testcase');
    $report->writeAttribute('classname', 'address');
    $report->writeAttribute('name', $name);
    foreach ($examples as [$title, $expected]) {
        $got = ask($title);
        if ($got === $expected) {
            continue;
        }
        $failed++;
        $report->startElement('failure');
        $shown = $got === null ? 'no text' : json_encode($got);
        $report->writeAttribute('message', sprintf('%s: expected %s, got %s', json_encode($title), json_encode($expected), $shown));
        $report->endElement();
        break;
    }
    $report->endElement();
}
$report->endElement();
echo $report->outputMemory();
exit($failed === 0 ? 0 : 1);
