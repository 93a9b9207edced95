internal import JSON
public import RunStore
internal import Documents

/// The contents of a store in forms that other programs read.
public enum StoreExport {
    /// The forms.
    public enum Format: String, CaseIterable, Sendable {
        /// One line for each row, with the run's settings in front (`configuration.…`).
        case csv
        /// One line for each run: an object with key, kind, version, configuration and rows.
        case jsonl
    }

    /// The runs with their rows, finished ones only unless said otherwise.
    ///
    /// - Throws: `StoreError`.
    public static func text(_ store: ResultStore, runs: [RunRecord], format: Format) throws -> String {
        switch format {
        case .csv: try csv(store, runs)
        case .jsonl: try runs.map { try line($0, store.rows($0.key)) + "\n" }.joined()
        }
    }

    private static func line(_ record: RunRecord, _ rows: [String]) throws -> String {
        // Configuration and rows are JSON already, in the spelling that was hashed.
        let text = [record.key, record.identity.kind, record.identity.version, record.label]
            .map(CanonicalJSON.quoted)
        return "{\"key\":\(text[0]),\"kind\":\(text[1]),\"version\":\(text[2]),\"label\":\(text[3]),"
            + "\"finished\":\(record.isFinished),\"configuration\":\(record.identity.configuration),"
            + "\"rows\":[\(rows.joined(separator: ","))]}"
    }

    private static func csv(_ store: ResultStore, _ runs: [RunRecord]) throws -> String {
        var lines: [[FlatJSON.Field]] = []
        for record in runs {
            let settings = try FlatJSON.fields(of: record.identity.configuration)
                .map { (key: "configuration." + $0.key, value: $0.value) }
            let head: [FlatJSON.Field] = [
                ("key", .string(record.key)), ("kind", .string(record.identity.kind)),
                ("version", .string(record.identity.version)),
            ]
            for row in try store.rows(record.key) {
                lines.append(head + settings + (try FlatJSON.fields(of: row)))
            }
        }
        let first = ["key", "kind", "version"]
        let others = FlatJSON.keys(of: lines).filter { !first.contains($0) }
        let keys = lines.isEmpty ? first : first + others
        var csv = CSVText(lineBreak: "\n")
        csv.append(keys)
        for line in lines {
            let known = Dictionary(line.map { ($0.key, $0.value) }, uniquingKeysWith: { own, _ in own })
            csv.append(keys.map { known[$0]?.fieldText ?? "" })
        }
        return csv.text
    }
}
