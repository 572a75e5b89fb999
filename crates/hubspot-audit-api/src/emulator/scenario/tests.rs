use std::collections::{BTreeMap, HashMap, HashSet};

use jiff::Timestamp;
use jiff::civil::Weekday;
use jiff::tz::TimeZone;
use proptest::prelude::*;

use super::objects::Kind;
use super::*;

/// 2026-11-18T11:06:40Z, a Wednesday.
const END_MS: i64 = 1_795_000_000_000;

fn company(events: usize) -> Scenario {
    Scenario::new(&ScenarioConfig::new(1, events, END_MS))
}

fn is_ascending(records: &[Record]) -> bool {
    records.is_sorted_by_key(|record| record.timestamp_ms)
}

#[test]
fn every_preset_knows_every_object_type_and_every_event() {
    for (seed, preset) in (0..2).flat_map(|seed| Preset::ALL.map(|preset| (seed, preset))) {
        let records = history(&ScenarioConfig { preset, ..ScenarioConfig::new(seed, 20_000, END_MS) });
        let types: HashSet<_> = records.iter().map(|record| record.object_type.as_str()).collect();
        let events: HashSet<_> = records.iter().map(|record| record.event.as_str()).collect();
        let missing: Vec<_> = Kind::ALL.iter().filter(|kind| !types.contains(kind.as_str())).collect();
        assert!(missing.is_empty(), "{}: {missing:?}", preset.as_str());
        assert_eq!(events.len(), 6, "{}: {events:?}", preset.as_str());
        assert_eq!(preset.as_str().parse(), Ok(preset));
    }
    let error = "huge".parse::<Preset>().unwrap_err().to_string();
    assert!(error.contains("`huge`") && error.contains("agency"), "{error}");
}

#[test]
fn a_history_ends_near_its_end_and_an_empty_one_is_empty() {
    let records = company(5_000).records;
    let newest = records.last().unwrap().timestamp_ms;
    assert!(newest < END_MS && newest > END_MS - 3_600_000, "{newest}");
    assert!(company(0).records.is_empty());
    assert_eq!(company(1).records.len(), 1);
}

#[test]
fn ids_are_numbers_and_people_are_who_they_say() {
    let scenario = company(8_000);
    let people: HashMap<_, _> = scenario.people().iter().map(|person| (person.id.as_str(), person)).collect();
    assert_eq!(people.len(), scenario.people().len());
    for record in &scenario.records {
        assert!(record.object_id.parse::<u64>().is_ok_and(|id| id > 1_000_000), "{record:?}");
        let person = people[record.user_id.as_str()];
        assert_eq!(record.full_name, person.full_name());
        assert!(person.is_member(record.timestamp_ms), "{record:?}");
    }
    let people = scenario.people();
    assert!(people.iter().any(|person| person.left.is_some_and(|left| left < END_MS)));
    assert!(people.iter().any(|person| person.joined.is_some()));
    assert!(people.iter().any(|person| person.super_admin && person.left.is_none()));
    assert!(people.iter().all(|person| person.email.ends_with("@example.com") && person.email.is_ascii()));
}

#[test]
fn an_id_is_one_object_of_one_type() {
    let mut types = HashMap::new();
    for record in company(8_000).records {
        let of_type = types.entry(record.object_id).or_insert_with(|| record.object_type.clone());
        assert_eq!(*of_type, record.object_type);
    }
}

#[test]
fn a_deleted_object_is_left_alone_until_it_is_restored_and_only_what_was_public_is_unpublished() {
    let mut last: HashMap<String, &str> = HashMap::new();
    let records = company(20_000).records;
    for record in &records {
        let event = record.event.as_str();
        let before = last.insert(record.object_id.clone(), event);
        match (before, event) {
            (Some("DELETED"), "RESTORE") | (None, _) => {}
            (Some("DELETED"), _) => panic!("{event} after DELETED: {record:?}"),
            (Some(_), "CREATED") => panic!("created twice: {record:?}"),
            (Some(before), "RESTORE") => panic!("RESTORE after {before}: {record:?}"),
            (Some(before), "UNPUBLISHED") => assert_ne!(before, "UNPUBLISHED", "{record:?}"),
            _ => {}
        }
    }
    assert!(last.values().any(|event| *event == "DELETED"));
}

#[test]
fn people_work_on_weekdays_in_daytime_and_pause_for_lunch() {
    let scenario = company(30_000);
    let berlin = TimeZone::posix("CET-1CEST,M3.5.0,M10.5.0/3").unwrap();
    let from_berlin: HashSet<_> = scenario
        .people()
        .iter()
        .filter(|person| person.time_zone == "Europe/Berlin")
        .map(|person| person.id.as_str())
        .collect();
    let mut hours = [0_usize; 24];
    let (mut weekdays, mut weekend) = (0, 0);
    for record in scenario.records.iter().filter(|record| from_berlin.contains(record.user_id.as_str())) {
        let local = berlin.to_datetime(Timestamp::from_millisecond(record.timestamp_ms).unwrap());
        hours[usize::try_from(local.hour()).unwrap()] += 1;
        if matches!(local.weekday(), Weekday::Saturday | Weekday::Sunday) {
            weekend += 1;
        } else {
            weekdays += 1;
        }
    }
    assert!(weekend * 10 < weekdays, "{weekend} at week-ends, {weekdays} on weekdays");
    assert!(hours[0..6].iter().sum::<usize>() * 10 < hours[9..15].iter().sum::<usize>(), "{hours:?}");
    assert!(hours[12] < hours[10], "lunch: {hours:?}");
}

#[test]
fn publishing_comes_about_a_second_after_the_update() {
    let records = company(10_000).records;
    let mut updated: HashMap<(&str, &str), i64> = HashMap::new();
    let (mut soon, mut published) = (0, 0);
    for record in &records {
        let key = (record.object_id.as_str(), record.user_id.as_str());
        match record.event.as_str() {
            "UPDATED" | "CREATED" => {
                updated.insert(key, record.timestamp_ms);
            }
            "PUBLISHED" => {
                published += 1;
                let after = updated.get(&key).map(|at| record.timestamp_ms - at);
                soon += usize::from(after.is_some_and(|after| (700..1_600).contains(&after)));
            }
            _ => {}
        }
    }
    assert!(published > 1_000);
    assert!(soon * 10 >= published * 9, "{soon} of {published}");
}

#[test]
fn bulk_edits_share_milliseconds_and_tell_their_rows() {
    let records = company(20_000).records;
    let mut instants: BTreeMap<(i64, &str), usize> = BTreeMap::new();
    for record in records.iter().filter(|record| record.object_type == "HUBDB_TABLE") {
        *instants.entry((record.timestamp_ms, &record.object_id)).or_default() += 1;
        if record.event == "UPDATED" {
            let meta: serde_json::Value = serde_json::from_str(record.meta.as_deref().unwrap()).unwrap();
            assert!(meta["rowsUpdated"].as_u64().is_some_and(|rows| rows > 0), "{meta}");
        }
    }
    assert!(instants.values().filter(|events| **events >= 3).count() > 10);
}

#[test]
fn meta_is_json_and_settings_tell_what_was_changed() {
    for record in company(20_000).records {
        let meta =
            record.meta.as_deref().map(|meta| serde_json::from_str::<serde_json::Value>(meta).unwrap());
        match record.object_type.as_str() {
            "CONTENT_SETTINGS" => assert!(meta.unwrap()["changed"][0].is_string()),
            "URL_MAPPING" => assert!(meta.unwrap()["routePrefix"].as_str().unwrap().starts_with('/')),
            "EMAIL" | "CTA" => assert_eq!(meta, None),
            _ => {}
        }
    }
}

#[test]
fn the_automation_account_never_sleeps_and_campaigns_end_by_unpublishing() {
    let scenario = company(20_000);
    let automation = &scenario.people()[0];
    assert_eq!(automation.role, Role::Automation);
    let by_hour: HashSet<_> = scenario
        .records
        .iter()
        .filter(|record| record.user_id == automation.id)
        .map(|record| record.timestamp_ms.div_euclid(3_600_000).rem_euclid(24))
        .collect();
    assert!(by_hour.len() >= 12, "{by_hour:?}");
    let down = |kind: &str| {
        scenario
            .records
            .iter()
            .filter(|record| record.event == "UNPUBLISHED" && record.object_type == kind)
            .count()
    };
    assert!(down("LANDING_PAGE") > 5 && down("CTA") > 5);
}

#[test]
fn live_activity_continues_the_history_at_the_rate_that_is_wished_for() {
    let scenario = company(2_000);
    for per_minute in [5.0, 60.0, 900.0] {
        let config = LiveConfig { per_minute, always_awake: true };
        let mut live = scenario.live(config);
        let records = live.due(END_MS + 60 * 60_000);
        assert!(is_ascending(&records));
        assert!(records[0].timestamp_ms >= END_MS);
        #[expect(clippy::cast_precision_loss, reason = "a count")]
        let measured = records.len() as f64 / 60.0;
        assert!((0.8..1.6).contains(&(measured / per_minute)), "{measured} for {per_minute}");
        assert_eq!(records, scenario.live(config).due(END_MS + 60 * 60_000));
        assert!(live.next_due() > END_MS + 60 * 60_000);
        let following = live.next().unwrap();
        assert_eq!(live.due(following.timestamp_ms - 1), []);
    }
}

#[test]
fn live_activity_that_is_not_always_awake_sleeps_at_the_weekend() {
    let scenario = company(2_000);
    let mut live = scenario.live(LiveConfig { per_minute: 4.0, always_awake: false });
    let day = 86_400_000;
    let to_thursday = live.due(END_MS + day).len();
    let _friday = live.due(END_MS + 2 * day + day / 2);
    let over_saturday = live.due(END_MS + 3 * day + day / 2).len();
    assert!(over_saturday * 4 < to_thursday, "{over_saturday} on Saturday, {to_thursday} on Thursday");
}

#[test]
fn an_attack_comes_out_among_the_ordinary_records() {
    let scenario = company(2_000);
    let mut live = scenario.live(LiveConfig { per_minute: 20.0, always_awake: true });
    live.next_due();
    let by = scenario.people().last().unwrap();
    let start = END_MS + 90_000;
    for attack in Attack::ALL {
        let records = scenario.attack(attack, by, start);
        assert!(is_ascending(&records) && records[0].timestamp_ms == start);
        assert!(
            records.iter().all(|record| record.user_id == by.id && record.object_id.parse::<u64>().is_ok())
        );
        assert_eq!(attack.as_str().parse(), Ok(attack));
        live.schedule(records);
    }
    let seen = live.due(start + 8 * 60_000);
    assert!(is_ascending(&seen));
    let unpublished: Vec<_> = seen
        .iter()
        .filter(|record| record.user_id == by.id && record.event == "UNPUBLISHED")
        .map(|record| record.timestamp_ms)
        .collect();
    assert!(unpublished.len() >= 31, "{}", unpublished.len());
    assert!(unpublished.last().unwrap() - unpublished[0] <= 7 * 60_000);
    assert!(seen.iter().any(|record| record.object_name.starts_with("/login → https://")));
    assert!(seen.iter().any(|record| record.object_name == "www.example.com" && record.event == "DELETED"));
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(24))]

    #[test]
    fn a_seed_decides_every_record_and_the_count_is_exact(
        seed: u64,
        events in 0_usize..3_000,
        end_ms in 1_500_000_000_000_i64..1_900_000_000_000,
        preset in prop::sample::select(&Preset::ALL[..]),
    ) {
        let config = ScenarioConfig { preset, ..ScenarioConfig::new(seed, events, end_ms) };
        let records = history(&config);
        prop_assert_eq!(records.len(), events);
        prop_assert!(is_ascending(&records));
        prop_assert!(records.iter().all(|record| record.timestamp_ms < end_ms));
        prop_assert_eq!(&records, &history(&config));
        if events > 0 {
            let other = history(&ScenarioConfig { account: 7, ..config });
            prop_assert_ne!(&records, &other);
        }
    }
}
