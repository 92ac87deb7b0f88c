//! What holds for every list.

use serde_json::{Value, json};

use crate::school::{self, Hand};
use crate::world::World;

/// Addresses of all lists of the document, with what stands for the places in them.
fn lists(places: &[(&str, &str)]) -> Vec<String> {
    let document: Value = serde_json::from_str(carrel_web::openapi::document()).unwrap();
    let paths = document["paths"].as_object().unwrap();
    let is_list = |item: &Value| {
        let parameters = item["get"]["parameters"].as_array();
        parameters.is_some_and(|all| all.iter().any(|one| one["name"] == "cursor"))
    };
    let lists = paths.iter().filter(|(_, item)| is_list(item));
    let filled = lists.map(|(path, _)| {
        let mut path = path.strip_prefix("/api/v1").unwrap().to_owned();
        for (place, value) in places {
            path = path.replace(place, value);
        }
        assert!(!path.contains('{'), "{path}: say what stands there");
        path
    });
    filled.collect()
}

#[test]
fn a_cursor_that_no_list_gave_and_a_limit_out_of_bounds_are_refused_by_every_list() {
    let hand = Hand::new();
    let world = World::start_at(hand.clock(), |config| {
        config.public_url = Some("https://carrel.example.org".to_owned());
    });
    school::publish(&world, school::SETTINGS, school::QUESTIONS, "");
    let root = world.operator("root");
    let begin = |path: &str| {
        let begun = world.post(&root, path, &json!({"preview": true}));
        let id = begun.body["id"].as_str().map(str::to_owned);
        id.unwrap_or_else(|| panic!("{begun:?}"))
    };
    let rescore = begin("/courses/demo/quizzes/loops/rescores");
    let regrade = begin("/courses/demo/challenges/double/regrades");
    let lists = lists(&[
        ("{course}", "demo"),
        ("rescores/{id}", &format!("rescores/{rescore}")),
        ("regrades/{id}", &format!("regrades/{regrade}")),
    ]);
    assert!(lists.len() > 15, "{lists:?}");
    for path in lists {
        world.get(&root, &path).ok();
        for cursor in ["!!bad", "x", ""] {
            let answer = world.get(&root, &format!("{path}?cursor={cursor}"));
            answer.is(400, "invalid_parameter");
            assert_eq!(answer.fields(), ["cursor"], "{path}");
        }
        for limit in [0, 201] {
            let answer = world.get(&root, &format!("{path}?limit={limit}"));
            answer.is(400, "invalid_parameter");
            let told = format!("`limit` is `{limit}`; it must be a whole number from 1 to 200");
            assert_eq!(
                (answer.fields(), &answer.body["detail"]),
                (vec!["limit"], &json!(told))
            );
        }
    }
}
