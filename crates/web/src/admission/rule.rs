//! The decision itself: values in, a decision out; no clock, no store.

use carrel_store::queue::{Backlog, DueBefore};

use super::door::InFlight;
use crate::nodes::Capacity;
use crate::pace::{Pace, Places, fill};

/// How much longer the queue is for a sender that is ahead of the others, by what they are ahead.
const LANE_PART: f64 = 0.5;
/// The same for a course; less, because a course is many people.
const COURSE_PART: f64 = 0.125;
/// How much longer than expected a run may take and still be in time.
const ALONE_MARGIN: f64 = 2.2;
/// Most jobs in the queue and in slots, for each slot, of one sender of whom nobody knows what
/// they cost, while others are about: enough to keep all slots busy, and soon over.
const OWN_MOST: u64 = 2;
/// Least wait that is allowed to work that fills its target nearly by itself, as a share of it.
const ALLOWANCE_LEAST: f64 = 0.1;

/// What is asked for.
#[derive(Debug, Clone, Copy)]
pub(super) struct Offer {
    /// Expected processor time, milliseconds.
    pub cost_ms: f64,
    /// From accept to verdict, milliseconds.
    pub target_ms: f64,
    /// Share of the target that may be spent waiting.
    pub share: f64,
    /// Somebody else may come at any moment, and is to have a verdict within so many
    /// milliseconds.
    pub others_target_ms: Option<f64>,
    /// The sender's own work of late says what this costs.
    pub known: bool,
}

/// Why it is refused.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(super) enum Decision {
    /// Somebody else would be taken.
    Own {
        /// Time it would wait, milliseconds.
        wait_ms: f64,
        /// Time until it may be taken, milliseconds.
        retry_ms: f64,
    },
    /// The sender has many jobs already of which nobody knows how long they take.
    Many,
    /// Work of the sender would hold more than half of the slots for longer than others can wait.
    Fills {
        /// How long it is expected to hold its slot, milliseconds.
        hold_ms: f64,
    },
    /// Nobody would.
    All {
        /// Time it would wait, milliseconds.
        wait_ms: f64,
        /// Time that somebody would wait who was not here for long, milliseconds.
        least_ms: f64,
        /// Time until it may be taken, milliseconds.
        retry_ms: f64,
    },
}

/// Longest wait that leaves enough of the target for the work itself, milliseconds.
fn allowance(offer: Offer, alone_ms: f64) -> f64 {
    let share_ms = offer.target_ms * offer.share;
    if alone_ms >= offer.target_ms {
        // What takes longer than its target by itself is the challenge's doing, not the queue's.
        return share_ms;
    }
    let least_ms = (offer.target_ms * ALLOWANCE_LEAST).min(share_ms);
    (offer.target_ms - alone_ms * ALONE_MARGIN).clamp(least_ms, share_ms)
}

/// Decides. `in_flight`: what was let in and is on its way to the store.
pub(super) fn decide(
    offer: Offer,
    backlog: Backlog,
    in_flight: InFlight,
    (pace, capacity, now_ms): (&Pace, Capacity, f64),
) -> Result<(), Decision> {
    #[expect(clippy::cast_precision_loss, reason = "a few thousand at most")]
    let slots = capacity.slots.max(1) as f64;
    let told = capacity.rate / slots;
    let measured = pace.of_slot(told);
    if let Some(target_ms) = offer.others_target_ms {
        let own = backlog.own + in_flight.own;
        if !offer.known && own >= capacity.slots * OWN_MOST {
            return Err(Decision::Many);
        }
        let hold_ms = offer.cost_ms / measured;
        let is_long = hold_ms > target_ms.min(offer.target_ms) * offer.share;
        if is_long && own + 1 > (capacity.slots / 2).max(1) {
            return Err(Decision::Fills { hold_ms });
        }
    }
    if backlog.queued + in_flight.jobs < capacity.slots.saturating_sub(backlog.running) {
        // A slot is free for it: taken whatever the pace; or a wrong pace would last for ever.
        return Ok(());
    }
    let places = Places {
        slots: capacity.slots,
        spare: capacity.spare,
        running: backlog.running,
    };
    let free = pace.free_in(places, told, now_ms);
    let share = if backlog.share > 0.0 {
        backlog.share
    } else {
        1.0
    };
    let all_busy = backlog.running >= capacity.slots;
    let wait = |before: DueBefore, ahead_ms: f64| {
        let work_ms = before.cost_ms + in_flight.cost_ms + ahead_ms;
        #[expect(clippy::cast_precision_loss, reason = "milliseconds of a wait")]
        let waited_ms = if all_busy {
            before.waited_ms as f64
        } else {
            // Who waits while slots are free waits for a worker to come back, not for work.
            0.0
        };
        fill(&free, work_ms / measured / share).max(waited_ms)
    };
    let course_ms = backlog.course_ms * COURSE_PART;
    let wait_ms = wait(backlog.before, backlog.lane_ms * LANE_PART + course_ms);
    let allowed_ms = allowance(offer, offer.cost_ms / measured);
    if wait_ms <= allowed_ms {
        return Ok(());
    }
    let retry_ms = wait_ms - allowed_ms;
    Err(if wait(backlog.before_others, course_ms) <= allowed_ms {
        Decision::Own { wait_ms, retry_ms }
    } else {
        let least_ms = wait(backlog.before_others, 0.0);
        Decision::All {
            wait_ms,
            least_ms,
            retry_ms,
        }
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    const TWO: Capacity = Capacity {
        rate: 1.0,
        slots: 2,
        spare: 0,
    };
    const ONE: Capacity = Capacity {
        rate: 0.5,
        slots: 1,
        ..TWO
    };

    fn offer(cost_ms: f64) -> Offer {
        Offer {
            cost_ms,
            target_ms: 2_000.0,
            share: 0.4,
            others_target_ms: Some(2_000.0),
            known: false,
        }
    }

    fn backlog(queued: u64, running: u64) -> Backlog {
        let before = DueBefore {
            cost_ms: queued as f64 * 100.0,
            waited_ms: 0,
        };
        Backlog {
            queued,
            queued_ms: before.cost_ms,
            before,
            before_others: before,
            share: 1.0,
            running,
            ..Backlog::default()
        }
    }

    fn decide_at(offer: Offer, backlog: Backlog) -> Result<(), Decision> {
        let in_flight = InFlight::default();
        decide(offer, backlog, in_flight, (&Pace::default(), TWO, 0.0))
    }

    #[test]
    fn a_queue_is_taken_up_to_a_share_of_the_target() {
        // Two slots at half pace: 100 ms of work in the queue are 100 ms of waiting.
        assert_eq!(decide_at(offer(100.0), backlog(7, 2)), Ok(()));
        let refused = decide_at(offer(100.0), backlog(9, 2));
        assert!(matches!(refused, Err(Decision::All { .. })), "{refused:?}");
        // What needs most of its target itself is not let in behind a queue.
        assert!(decide_at(offer(900.0), backlog(4, 2)).is_err());
        assert_eq!(decide_at(offer(900.0), backlog(0, 1)), Ok(()));
        // What needs more than its target anyway is.
        assert_eq!(decide_at(offer(5_000.0), backlog(7, 2)), Ok(()));
    }

    #[test]
    fn who_is_ahead_is_refused_before_others_are() {
        let ahead = Backlog {
            lane_ms: 600.0,
            course_ms: 600.0,
            ..backlog(6, 2)
        };
        let refused = decide_at(offer(100.0), ahead);
        assert!(matches!(refused, Err(Decision::Own { .. })), "{refused:?}");
        let fresh = Backlog {
            lane_ms: 0.0,
            ..ahead
        };
        assert_eq!(decide_at(offer(100.0), fresh), Ok(()));
    }

    #[test]
    fn the_oldest_that_waits_tells_what_the_next_will_wait() {
        let waited = DueBefore {
            cost_ms: 100.0,
            waited_ms: 900,
        };
        let aged = Backlog {
            before: waited,
            before_others: waited,
            ..backlog(1, 2)
        };
        assert!(decide_at(offer(100.0), aged).is_err());
        // Slots are free: the workers are away for a moment, and the queue is short.
        let away = Backlog { running: 0, ..aged };
        assert_eq!(decide_at(offer(100.0), away), Ok(()));
    }

    #[test]
    fn the_work_of_one_who_is_ahead_closes_the_door_to_that_one_only() {
        // A long queue, all of one who has had much: others go before it.
        let others = Backlog {
            queued: 20,
            queued_ms: 2_000.0,
            ..backlog(0, 2)
        };
        assert_eq!(decide_at(offer(100.0), others), Ok(()));
        let own = Backlog {
            lane_ms: 4_000.0,
            before: DueBefore {
                cost_ms: 2_000.0,
                waited_ms: 1_500,
            },
            ..others
        };
        let refused = decide_at(offer(100.0), own);
        assert!(matches!(refused, Err(Decision::Own { .. })), "{refused:?}");
    }

    #[test]
    fn a_free_slot_is_filled_whatever_is_believed_of_the_pace() {
        let mut pace = Pace::default();
        for _ in 0..50 {
            pace.end(carrel_model::id::SubmissionId::new(), (1.0, 9_000.0), 2);
        }
        let believed = (&pace, TWO, 0.0);
        let flying = |jobs| InFlight {
            cost_ms: 400.0,
            jobs,
            own: 0,
        };
        assert_eq!(
            decide(offer(100.0), backlog(0, 1), InFlight::default(), believed),
            Ok(())
        );
        assert!(decide(offer(100.0), backlog(0, 1), flying(1), believed).is_err());
        // One for each of them.
        assert_eq!(
            decide(offer(100.0), backlog(0, 0), flying(1), believed),
            Ok(())
        );
        assert!(decide(offer(100.0), backlog(1, 0), flying(1), believed).is_err());
    }

    #[test]
    fn long_work_of_one_leaves_half_of_the_slots_to_others() {
        let own = |own, running| Backlog {
            own,
            ..backlog(0, running)
        };
        // At half pace this holds its slot for a second, and others are to wait for 0.8.
        let long = offer(500.0);
        assert_eq!(decide_at(long, own(0, 1)), Ok(()));
        let refused = decide_at(long, own(1, 1));
        assert_eq!(refused, Err(Decision::Fills { hold_ms: 1_000.0 }));
        assert_eq!(decide_at(offer(300.0), own(1, 1)), Ok(()), "not for long");
        let alone = Offer {
            others_target_ms: None,
            ..long
        };
        assert_eq!(decide_at(alone, own(1, 1)), Ok(()), "to whom?");
        let patient = Offer {
            target_ms: 10_000.0,
            ..long
        };
        assert!(decide_at(patient, own(1, 1)).is_err(), "others cannot wait");
        let all_patient = Offer {
            others_target_ms: Some(10_000.0),
            ..patient
        };
        assert_eq!(decide_at(all_patient, own(1, 1)), Ok(()));
        let flying = InFlight {
            own: 1,
            jobs: 1,
            cost_ms: 500.0,
        };
        let pace = Pace::default();
        let refused = decide(long, own(0, 0), flying, (&pace, TWO, 0.0));
        assert!(
            matches!(refused, Err(Decision::Fills { .. })),
            "{refused:?}"
        );
        // Of quick work there are some of each, not any number.
        assert_eq!(decide_at(offer(10.0), own(3, 2)), Ok(()));
        assert_eq!(decide_at(offer(10.0), own(4, 2)), Err(Decision::Many));
        let known = Offer {
            known: true,
            ..offer(10.0)
        };
        assert_eq!(decide_at(known, own(20, 2)), Ok(()), "quick, as is known");
        let alone = Offer {
            others_target_ms: None,
            ..offer(10.0)
        };
        assert_eq!(decide_at(alone, own(20, 2)), Ok(()));
        let eight = Capacity {
            rate: 4.0,
            slots: 8,
            ..TWO
        };
        let half = |jobs| {
            decide(
                long,
                own(jobs, jobs),
                InFlight::default(),
                (&pace, eight, 0.0),
            )
        };
        assert_eq!(half(3), Ok(()));
        assert!(half(4).is_err());
        // A single slot cannot be shared but in time.
        let in_flight = InFlight::default();
        assert_eq!(
            decide(long, own(0, 0), in_flight, (&pace, ONE, 0.0)),
            Ok(())
        );
    }
}
