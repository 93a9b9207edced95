import Documents

/// One document with everything in it: sections, prose, notes, every kind of cell, and text that
/// each output format would take for markup.
enum Samples {
    static func distances() throws -> Table {
        try Table(
            title: "Distance to the exact update",
            columns: [
                Column("rule", format: .text, identifiesRow: true),
                Column("alpha", title: "α", format: .setting, identifiesRow: true),
                Column("distance", title: "relative distance", format: .quartiles(.significant(2))),
                Column("iterations", format: .integer),
                Column("exact", title: "exact?", format: .boolean),
            ],
            rows: [
                ["bp", 0.01, .quartiles(median: 0.041, lower: 0.03, upper: 0.0526), 3, false],
                ["il|exact", 100, .missing(reason: "not converged, stopped"), 12, true],
            ],
            notes: ["Median [quartiles] of 20 images."])
    }

    static func timings() throws -> Table {
        try Table(
            title: "Time",
            columns: [
                Column("solver", format: .text),
                Column("seconds", title: "time", format: .seconds),
                Column("share", format: .percent),
                Column("residual", format: .significant(3)),
            ],
            rows: [
                ["Newton", 0.0123, 0.125, 1.5e-11],
                ["a \"quoted\", name", .number(.infinity), 1, .number(.nan)],
            ])
    }

    static func document() throws -> Document {
        var document = Document(
            title: "Sample",
            provenance: [
                "version": "0.1.0", "seed": 7, "tolerance": 1e-10,
                "command": "verify-cli table --alpha 0.01,100",
            ],
            blocks: [.paragraph("Every number is a median."), .section("ReLU")])
        document.appendTable(try distances())
        document.appendSection("Speed")
        document.appendTable(try timings())
        return document
    }
}
