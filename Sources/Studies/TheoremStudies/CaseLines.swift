internal import PropertyTesting
internal import Theorems

extension TheoremResults {
    /// CSV with one line for each drawn case of theorems and claims, discarded ones too.
    public var caseLines: String {
        var lines = ["id,case,verdict,margin,token,labels,measurements"]
        for result in theorems { lines += result.records.map { Self.line(result.theorem.identifier.name, $0) } }
        for result in claims { lines += result.records.map { Self.line(result.claim.identifier.name, $0) } }
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
