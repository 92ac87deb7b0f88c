// When the workshop opens and closes, in minutes after midnight; null: it is closed all day.
// The first entry is Sunday, as JavaScript counts the days of the week.
const HOURS = [
    null,
    null,
    { from: 9 * 60, to: 18 * 60 },
    { from: 9 * 60, to: 18 * 60 },
    { from: 9 * 60, to: 18 * 60 },
    { from: 9 * 60, to: 18 * 60 },
    { from: 10 * 60, to: 14 * 60 },
];

// Whether the workshop is open on a day of the week, at a time in minutes after midnight.
function isOpen(day, minutes) {
    const hours = HOURS[day];
    return hours !== null && hours.from <= minutes && minutes < hours.to;
}

// Says on the page whether it is open at a moment.
function tell(moment) {
    const open = isOpen(moment.getDay(), moment.getHours() * 60 + moment.getMinutes());
    const place = document.getElementById("now");
    place.textContent = open ? "We are open now." : "We are closed now.";
}

tell(new Date());
