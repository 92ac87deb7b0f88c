//! The same work on many things at once, results in order.

use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
use std::sync::mpsc;
use std::thread;

/// Does `work` on every item on all processors; `done` hears how many are done, on the caller's thread.
///
/// # Errors
/// The error of the earliest item that failed; items not begun by then are left.
pub(crate) fn map<Item: Sync, Made: Send, Fault: Send>(
    items: &[Item],
    work: impl Fn(usize, &Item) -> Result<Made, Fault> + Sync,
    done: &mut dyn FnMut(usize),
) -> Result<Vec<Made>, Fault> {
    let workers = thread::available_parallelism()
        .map_or(1, usize::from)
        .min(items.len());
    let next = AtomicUsize::new(0);
    let failed = AtomicBool::new(false);
    let (sender, receiver) = mpsc::channel();
    let mut slots: Vec<Option<Result<Made, Fault>>> = items.iter().map(|_| None).collect();
    thread::scope(|scope| {
        for _ in 0..workers {
            let sender = sender.clone();
            let (next, failed, work) = (&next, &failed, &work);
            scope.spawn(move || {
                while !failed.load(Ordering::Relaxed) {
                    let position = next.fetch_add(1, Ordering::Relaxed);
                    let Some(item) = items.get(position) else {
                        return;
                    };
                    let result = work(position, item);
                    if result.is_err() {
                        failed.store(true, Ordering::Relaxed);
                    }
                    if sender.send((position, result)).is_err() {
                        return;
                    }
                }
            });
        }
        drop(sender);
        for (count, (position, result)) in receiver.iter().enumerate() {
            slots[position] = Some(result);
            done(count + 1);
        }
    });
    // After a failure the slots behind it may be empty, but the failure comes first.
    slots.into_iter().flatten().collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn results_come_in_order() {
        let items: Vec<u32> = (0..500).collect();
        let mut last = 0;
        let doubled: Result<Vec<u32>, ()> =
            map(&items, |_, item| Ok(item * 2), &mut |count| last = count);
        assert_eq!(
            doubled.unwrap(),
            items.iter().map(|item| item * 2).collect::<Vec<_>>()
        );
        assert_eq!(last, 500);
    }

    #[test]
    fn a_failure_ends_it() {
        let items: Vec<u32> = (0..500).collect();
        let result = map(
            &items,
            |_, item| if *item == 7 { Err(*item) } else { Ok(()) },
            &mut |_| {},
        );
        assert_eq!(result.unwrap_err(), 7);
    }

    #[test]
    fn nothing_to_do_is_fine() {
        let none: Result<Vec<()>, ()> = map(&[] as &[u8], |_, _| Ok(()), &mut |_| {});
        assert!(none.unwrap().is_empty());
    }
}
