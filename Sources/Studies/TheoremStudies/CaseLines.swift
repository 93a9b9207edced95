internal import Documents
internal import PropertyTesting
internal import Theorems

extension TheoremResults {
    /// CSV with one line for each drawn case of theorems and claims, discarded ones too.
    public var caseLines: String {
        var csv = CSVText(lineBreak: "\n")
        csv.append(["id", "case", "verdict", "margin", "token", "labels", "measurements"])
        for result in theorems {
            for record in result.records { csv.append(Self.fields(result.theorem.identifier.name, record)) }
        }
        for result in claims {
            for record in result.records { csv.append(Self.fields(result.claim.identifier.name, record)) }
        }
        return csv.text
    }

    private static func fields(_ name: String, _ record: CaseRecord) -> [String] {
        let word =
            switch record.verdict {
            case .held: "held"
            case .violated: "violated"
            case .threw(_, let message): "threw: \(message)"
            case .discarded(let reason): "discarded: \(reason)"
            }
        let measurements = record.measurements.sorted { $0.key < $1.key }
            .map { "\($0.key)=\($0.value)" }.joined(separator: "; ")
        return [
            name, "\(record.index)", word, record.verdict.margin.map { "\($0)" } ?? "", "\(record.token)",
            record.labels.joined(separator: "; "), measurements,
        ]
    }
}
