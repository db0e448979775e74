//! Same call, same answer: every case in every arrangement of shared and dedicated entities.

use stoneware_tests::script::{cases, check};

async fn all(text: &str) {
    let mut problems = Vec::new();
    for case in cases(text) {
        problems.extend(check(&case).await);
    }
    assert!(problems.is_empty(), "{} answers are wrong or differ:\n\n{}", problems.len(), problems.join("\n\n"));
}

#[tokio::test(flavor = "multi_thread")]
async fn values() {
    all(include_str!("conformance/values.case")).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn relationships() {
    all(include_str!("conformance/relationships.case")).await;
}
