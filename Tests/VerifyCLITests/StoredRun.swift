import Foundation
import Testing

/// A run of training in a store, as `results export --format jsonl` gives it.
struct StoredRun {
    let configuration: [String: Any]
    /// The measurements, in their order.
    let rows: [[String: Any]]
    let rule: String
    /// The data's name in the store, with the fingerprint of files that are the user's.
    let dataSet: String

    /// The runs of the store `results.sqlite`.
    static func all(in workspace: Workspace) throws -> [StoredRun] {
        let export = try Executable.run(["results", "export", "--format", "jsonl"], in: workspace)
        #expect(export.status == 0, "\(export.errors)")
        return try export.output.split(separator: "\n").map { line in
            let object = try #require(try JSONSerialization.jsonObject(with: Data(line.utf8)) as? [String: Any])
            let configuration = try #require(object["configuration"] as? [String: Any])
            return StoredRun(
                configuration: configuration, rows: try #require(object["rows"] as? [[String: Any]]),
                rule: try #require(configuration["rule"] as? String),
                dataSet: try #require(configuration["dataSet"] as? String))
        }
    }
}
