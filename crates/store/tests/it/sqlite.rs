//! The conformance suite on SQLite.

use std::sync::Arc;

use carrel_store::sqlite::{Clock, Options, SqliteStore};

use crate::conformance::{Engine, Hand};

/// A fresh store in a directory that goes with it.
pub(crate) fn fresh() -> (Engine, tempfile::TempDir) {
    let directory = tempfile::tempdir().unwrap();
    let clock = Hand::new();
    let told = clock.clone();
    let options = Options {
        readers: 2,
        clock: Clock::of(move || told.now()),
        queued: None,
    };
    let store = SqliteStore::open(&directory.path().join("carrel.db"), options).unwrap();
    (Engine::new(Arc::new(store), clock), directory)
}

macro_rules! suite {
    ($($module:ident: $($case:ident),+ $(,)?;)+) => {
        $(mod $module {
            $(#[tokio::test]
            async fn $case() {
                let (engine, _directory) = super::fresh();
                crate::conformance::$module::$case(&engine).await;
            })+
        })+
    };
}

suite! {
    queue:
        a_claim_gives_what_was_sent,
        nothing_is_claimed_twice,
        a_lane_is_served_in_order,
        a_lost_lease_comes_again_with_a_higher_token,
        a_renewed_lease_holds,
        a_renewal_tells_what_is_lost,
        a_result_is_written_once,
        a_fault_is_retried_with_growing_pauses_then_parked,
        a_parked_job_runs_again,
        a_parked_job_waits_from_when_it_is_run_again,
        a_parked_job_can_be_dropped,
        given_back_untouched_is_no_attempt,
        a_worker_that_is_lost_every_time_parks_the_job,
        a_later_life_takes_leases_over,
        take_overs_are_bounded,
        a_job_waits_for_its_time,
        depth_tells_what_waits,
        what_waits_beyond_its_target_is_counted,
        a_platform_fault_is_no_outcome,
        events_follow_the_job;
    passed_over:
        what_one_node_lacks_another_takes_first,
        what_no_node_has_waits_and_is_no_attempt,
        what_was_passed_over_is_offered_again,
        what_is_offered_again_waits_from_then_on,
        what_waits_aside_can_be_taken_back;
    fairness:
        one_who_floods_delays_others_by_one_job,
        who_floods_with_what_takes_long_waits_behind_whoever_comes,
        who_was_ahead_is_even_once_nothing_waits_or_runs,
        a_course_that_floods_delays_others_by_one_job,
        equal_lanes_share_by_cost,
        a_lower_band_gets_a_small_share,
        a_lower_band_gets_all_that_is_left,
        what_nobody_waits_for_leaves_a_slot_to_what_somebody_does,
        a_spare_slot_is_for_people_of_whom_nothing_runs,
        a_spare_slot_is_for_what_is_late,
        what_it_really_took_is_charged,
        positions_and_costs_are_told,
        even_queues_go_by_arrival,
        who_has_waited_for_a_share_of_the_target_is_not_passed_for_ever,
        batch_work_never_hurries_and_keeps_its_share_beside_what_does,
        the_estimate_is_the_order,
        a_single_slot_is_for_learners_while_they_work,
        what_one_person_has_is_counted_over_all_courses;
    submissions:
        a_submission_is_kept_as_sent,
        unknown_things_are_missing,
        an_id_is_used_once,
        a_repeated_request_is_one_request,
        a_queued_submission_is_taken_back_at_once,
        a_running_submission_is_taken_back,
        a_cancelled_job_whose_worker_is_lost_goes_away,
        a_judged_submission_is_not_taken_back,
        a_verdict_is_told_with_its_document,
        judging_again_keeps_the_history,
        judging_again_taken_back_leaves_the_verdict,
        failures_before_are_counted,
        judged_work_of_learners_is_told_newest_first,
        what_learners_sent_is_told_in_pages,
        a_refusal_is_an_outcome_without_a_verdict,
        an_execution_keeps_its_bytes,
        lists_are_filtered_and_paged,
        a_foreign_cursor_is_refused;
    cost:
        the_expected_cost_is_learnt,
        one_that_uses_up_a_limit_says_little_of_the_others,
        what_one_sends_by_the_dozen_is_expected_of_that_one;
    accounts:
        a_user_is_kept_as_given,
        a_change_leaves_alone_what_it_does_not_name,
        a_power_that_is_gone_changes_nobody,
        a_password_is_replaced_only_where_it_is_the_one,
        names_are_unique_without_case,
        users_are_listed_by_name,
        a_session_begins_with_the_password_that_is_kept,
        a_session_lasts_until_its_end,
        the_use_of_a_session_is_noted,
        sessions_end,
        who_is_disabled_is_signed_in_nowhere,
        a_token_works_until_it_is_revoked,
        a_token_is_made_through_what_still_counts,
        a_token_runs_out,
        tokens_are_listed_newest_first;
    roles:
        roles_are_given_and_taken,
        nobody_makes_or_unmakes_their_equals,
        a_role_that_is_lost_gives_none;
    drafts:
        a_draft_is_kept_as_written,
        who_comes_second_is_told_what_is_kept,
        a_number_is_not_given_again_after_throwing_away,
        drafts_expire_and_go_with_their_person;
    regrades:
        every_submission_is_judged_against_the_version_asked_for,
        never_lower_keeps_the_better_verdict,
        a_preview_counts_only_when_it_is_applied,
        what_counts_from_now_on_is_told_to_receivers,
        a_regrade_is_stopped,
        one_regrade_of_a_challenge_at_a_time,
        a_regrade_of_nothing_is_finished_at_once,
        a_parked_job_of_a_regrade_hides_no_verdict,
        a_large_regrade_is_fed_in_batches,
        a_large_preview_is_applied_in_batches,
        applying_that_was_begun_is_known_until_it_is_over,
        what_no_node_can_judge_is_fed_in_part_and_delays_no_other;
    records:
        the_last_published_version_is_present,
        courses_are_paged,
        nodes_are_there_while_they_beat,
        incidents_are_listed_newest_first,
        the_audit_log_is_kept_in_order,
        a_course_has_its_own_incidents_and_entries;
    webhooks:
        what_goes_to_a_busy_host_is_passed_over,
        a_verdict_is_told_to_receivers,
        a_delivery_is_tried_with_growing_pauses_then_given_up,
        a_receiver_that_takes_nothing_is_disabled,
        a_mended_receiver_gets_what_was_given_up_lately,
        a_receiver_that_is_gone_is_disabled_at_once,
        receivers_of_a_course_outlive_their_author;
    attempts:
        an_attempt_is_kept_as_started,
        one_attempt_goes_on_at_a_time,
        an_older_answer_never_replaces_a_newer_one,
        nothing_is_kept_when_the_time_is_over,
        an_end_is_of_everything_answered,
        marks_are_kept_with_their_history,
        attempts_are_listed_newest_first,
        a_rescore_counts_when_applied_and_only_where_nothing_else_changed,
        a_large_rescore_is_applied_in_batches;
    progress:
        progress_tells_lessons_attempts_and_challenges,
        lessons_seen_by_learners_are_told_in_pages,
        projects_are_done_once_and_told_in_pages,
        accommodations_are_given_taken_and_copied,
        answers_expire_grades_stay,
        answers_that_nobody_has_graded_do_not_expire,
        attempts_are_exported_and_removed_with_their_person;
    upkeep:
        nothing_expires_unasked,
        sources_and_outputs_expire_verdicts_stay,
        what_waits_does_not_expire,
        executions_go_wholly,
        much_expires_in_bounded_passes,
        the_ledger_expires,
        a_person_is_exported,
        an_export_of_much_is_handed_out_in_pages,
        a_deletion_that_was_begun_is_known_until_it_is_over,
        a_pass_ends_when_much_content_went,
        a_person_is_removed_wholly,
        a_check_reads_and_writes;
}
