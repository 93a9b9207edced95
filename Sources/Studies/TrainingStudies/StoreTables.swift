internal import JSON
public import RunStore
internal import Foundation
public import Documents

/// Tables of what a store holds.
public enum StoreTables {
    /// One line for each run.
    public static func runs(_ records: [RunRecord]) throws(TableError) -> Table {
        var table = try Table(
            title: "Runs",
            columns: [
                Column("key", format: .text, identifiesRow: true), Column("kind", format: .text),
                Column("run", format: .text), Column("version", format: .text),
                Column("done", format: .percent), Column("rows", format: .integer),
                Column("seconds", title: "time", format: .seconds),
                Column("state", format: .text),
            ])
        for record in records {
            try table.append([
                .text(RunRecord.shortKey(record.key)), .text(record.identity.kind),
                .text(record.label), .text(record.identity.version), .number(record.share),
                .integer(record.rowCount), .number(record.seconds), .text(record.state),
            ])
        }
        let unfinished = records.filter { !$0.isFinished }.count
        table.notes = ["\(records.count) runs, \(unfinished) of them unfinished."]
        let others = records.filter { $0.identity.version != ResultVersion.current }.count
        if others > 0 {
            table.notes.append(
                "\(others) of them made by another build: this one is \(ResultVersion.current), and what follows the + "
                    + "is the fingerprint of its arithmetic. It computes such runs anew.")
        }
        return table
    }

    /// Everything about one run: its configuration and its rows.
    public static func document(
        _ record: RunRecord, rows: [String], provenance: Provenance
    ) throws -> Document {
        var document = Document(title: record.label, provenance: provenance)
        var settings = try Table(
            title: "Configuration",
            columns: [
                Column("setting", format: .text, identifiesRow: true), Column("value", format: .text),
            ])
        for (key, value) in try FlatJSON.fields(of: record.identity.configuration) {
            try settings.append([.text(key), .text(value.fieldText)])
        }
        document.appendTable(settings)
        document.appendTable(try runs([record]))
        for environment in record.environments {
            document.appendParagraph("Computed on \(environment).")
        }
        if let failure = record.failure { document.appendParagraph("Last attempt: \(failure)") }
        let fields = try rows.map { try FlatJSON.fields(of: $0) }
        let keys = FlatJSON.keys(of: fields)
        guard !keys.isEmpty else { return document }
        let formats = keys.map { FlatJSON.format(of: $0, in: fields) }
        var table = try Table(title: "Rows", columns: zip(keys, formats).map { Column($0, format: $1) })
        for row in fields {
            let known = Dictionary(row.map { ($0.key, $0.value) }, uniquingKeysWith: { first, _ in first })
            try table.append(
                zip(keys, formats).map { known[$0]?.cell(in: $1) ?? .missing(reason: "not measured here") })
        }
        document.appendTable(table)
        return document
    }
}

extension RunRecord {
    /// The share of the work that is done, 1 for a finished run even if it ended early.
    var share: Double {
        isFinished ? 1 : totalWork > 0 ? Double(completedWork) / Double(totalWork) : 0
    }

    var state: String {
        if isFinished { return completedWork < totalWork ? "ended early" : "finished" }
        return failure == nil ? "unfinished" : "failed"
    }
}
