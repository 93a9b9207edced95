import PropertyTesting

/// The per-case CSV: one line for each drawn case of theorems and claims, discarded ones too.
enum CaseLines {
    static let header = "id,case,verdict,margin,token,labels,measurements"

    static func text(_ verdicts: [TheoremRun.Verdict], _ results: [ClaimRun.Result]) -> String {
        var lines = [header]
        for verdict in verdicts {
            lines += verdict.records.map { line(verdict.theorem.identifier.name, $0) }
        }
        for result in results {
            lines += result.records.map { line(result.claim.identifier.name, $0) }
        }
        return lines.joined(separator: "\n") + "\n"
    }

    private static func line(_ name: String, _ record: CaseRecord) -> String {
        let word =
            switch record.verdict {
            case .held: "held"
            case .violated: "violated"
            case .threw(_, let message): "threw: \(message)"
            case .discarded(let reason): "discarded: \(reason)"
            }
        let measurements = record.measurements.sorted { $0.key < $1.key }
            .map { "\($0.key)=\($0.value)" }.joined(separator: "; ")
        let fields = [
            name, "\(record.index)", word, record.verdict.margin.map { "\($0)" } ?? "", "\(record.token)",
            record.labels.joined(separator: "; "), measurements,
        ]
        return fields.map(quoted).joined(separator: ",")
    }

    private static func quoted(_ field: String) -> String {
        let needsQuotes = field.contains { ",\"\n\r".contains($0) }
        return needsQuotes ? "\"" + field.replacing("\"", with: "\"\"") + "\"" : field
    }
}
