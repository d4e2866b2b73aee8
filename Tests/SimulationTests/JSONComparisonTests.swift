import JSON
import Testing

@testable import Simulation

struct JSONComparisonTests {
    private func differences(_ actual: JSONValue, _ expected: JSONValue) -> [String] {
        JSONComparison.differences(actual: actual, expected: expected)
    }

    @Test(
        arguments: [
            (["a": 1], ["a": 2], "a: is 1, expected 2"),
            (["a": nil], ["a": 0], "a: is null, expected 0"),
            (["a": 0], ["a": nil], "a: is 0, expected null"),
            (["a": "x"], ["a": "y"], #"a: is "x", expected "y""#),
            (["a": true], ["a": false], "a: is true, expected false"),
            ([:], ["a": nil], "a: is missing"),
            (["a": nil], [:], "a: is not expected"),
            (["a": ["b": 1]], ["a": ["b": 2]], "a.b: is 1, expected 2"),
            (["a": [1, 2]], ["a": [1, 3]], "a[1]: is 2, expected 3"),
            (["a": [1]], ["a": [1, 3]], "a: has 1 elements, expected 2"),
            (["a": 1.000_000_01], ["a": 1.0], "a: is 1.00000001, expected 1.0"),
            (["p50": 10.2], ["p50": 10.0], "p50: is 10.2, expected 10.0"),
            (
                ["relative_error": 0.02], ["relative_error": 0.01],
                "relative_error: is 0.02, expected 0.01"
            ),
            (
                ["meta": ["start": "x"]], ["meta": ["start": "y"]],
                #"meta.start: is "x", expected "y""#
            ),
        ] as [(JSONValue, JSONValue, String)]
    )
    func `a difference is named by its path`(
        actual: JSONValue,
        expected: JSONValue,
        text: String
    ) {
        #expect(differences(actual, expected) == [text])
    }

    @Test func `the order of an array counts`() {
        #expect(differences(["a": [2, 1]], ["a": [1, 2]]).count == 2)
    }

    @Test(
        arguments: [
            (["a": 1, "b": 2], ["b": 2, "a": 1]),
            (["a": 5], ["a": 5.0]), (["a": 5.0], ["a": 5]),
            (["a": 0.300_000_000_000_000_04], ["a": 0.3]),
            (["percentiles": ["p95": 10.099]], ["percentiles": ["p95": 10.0]]),
            (["min_duration_seconds": 9.91], ["min_duration_seconds": 10.0]),
            (["relative_error": 0.007_812_5], ["relative_error": 0.01]),
            (
                ["change": ["median_duration_seconds": 0.02]],
                ["change": ["median_duration_seconds": 0.0]]
            ),
            (["meta": ["generated_at": "x", "data_version": 4]], ["meta": [:]]),
            (["events_dropped": 3, "publishers": 1], [:]),
        ] as [(JSONValue, JSONValue)]
    )
    func `what may differ is let through`(actual: JSONValue, expected: JSONValue) {
        #expect(differences(actual, expected).isEmpty)
    }
}
