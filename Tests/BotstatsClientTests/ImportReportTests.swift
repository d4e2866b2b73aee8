import Testing

@testable import BotstatsClient

@Suite struct `Import report` {
    @Test func `a line of progress gives per cent, rate and the time left`() {
        var progress = FileImport.Progress()
        progress.lineCount = 3_000
        progress.acknowledgedCount = 2_500
        progress.readByteCount = 250
        progress.byteCount = 1_000
        #expect(
            ImportReport.line(progress, elapsed: .seconds(25), columnCount: 80)
                == "[██████··················] 25 %  3000 lines  100 events/s  ETA 1:15"
        )
        #expect(
            ImportReport.line(progress, elapsed: .seconds(5_000), columnCount: nil)
                == "25 %  3000 lines  1 events/s  ETA 4:10:00"
        )
    }

    @Test(
        arguments: [
            (68, "[██████··················] 25 %  3000 lines  100 events/s  ETA 1:15"),
            (67, "[█████··················] 25 %  3000 lines  100 events/s  ETA 1:15"),
            (48, "[█···] 25 %  3000 lines  100 events/s  ETA 1:15"),
            (47, "25 %  3000 lines  100 events/s  ETA 1:15"),
            (20, "25 %  3000 lines  1"), (1, ""), (0, ""),
        ]
    )
    func `a line of progress leaves the last column of the terminal free`(
        columnCount: Int,
        line: String
    ) {
        var progress = FileImport.Progress()
        progress.lineCount = 3_000
        progress.acknowledgedCount = 2_500
        progress.readByteCount = 250
        progress.byteCount = 1_000
        #expect(
            ImportReport.line(progress, elapsed: .seconds(25), columnCount: columnCount) == line
        )
        #expect(line.count < max(1, columnCount))
    }

    @Test func `what has no known size has no per cent`() {
        var progress = FileImport.Progress()
        progress.lineCount = 10
        progress.acknowledgedCount = 10
        #expect(
            ImportReport.line(progress, elapsed: .seconds(2), columnCount: 80)
                == "10 lines  5 events/s"
        )
    }

    @Test func `the outcome names every code, the most frequent first`() {
        var summary = FileImport.Summary(name: "a.ndjson", producer: "import-1")
        summary.totals.accepted = 90
        summary.totals.duplicate = 5
        summary.totals.rejected = 10
        summary.totals.rejectedByCode = ["invalid_json": 3, "unknown_type": 7]
        summary.isComplete = true
        #expect(
            ImportReport.lines(summary, elapsed: .seconds(10)) == [
                "a.ndjson: accepted 90, duplicate 5, rejected 10 (unknown_type 7, invalid_json 3); "
                    + "10 events/s (producer import-1)"
            ]
        )
        summary.isComplete = false
        summary.overlongLineCount = 2
        summary.overlongLineNumbers = [4, 9]
        summary.unfinishedLineNumber = 12
        #expect(
            ImportReport.lines(summary, elapsed: .seconds(10)).dropFirst() == [
                "longer than the daemon takes, and so among the rejected: lines 4, 9",
                "line 12 is not complete yet and was left out; run the same command again when "
                    + "it is",
                "stopped; run the same command again to go on where it stopped",
            ]
        )
        summary.overlongLineCount = 7
        #expect(
            ImportReport.lines(summary, elapsed: .seconds(10))[1].hasSuffix("4, 9, … (7 in all)")
        )
    }

    @Test func `a file without a whole line says which kind of none it is`() {
        var summary = FileImport.Summary(name: "a", producer: "")
        #expect(
            ImportReport.lines(summary, elapsed: .zero) == ["a: stopped before its first line"]
        )
        summary.isComplete = true
        #expect(ImportReport.lines(summary, elapsed: .zero) == ["a: the file is empty"])
        summary.unfinishedLineNumber = 1
        #expect(ImportReport.lines(summary, elapsed: .zero)[0].hasPrefix("a: line 1 is not "))
    }

    @Test func `a rejection is named in the unit of its number`() {
        let rejection = PublisherRejection(
            sequence: 17,
            code: "invalid_field",
            field: "timestamp",
            message: nil
        )
        #expect(ImportReport.line(rejection) == "event 17: invalid_field (timestamp)")
        #expect(
            ImportReport.line(rejection, unit: "line") == "line 17: invalid_field (timestamp)"
        )
    }
}
