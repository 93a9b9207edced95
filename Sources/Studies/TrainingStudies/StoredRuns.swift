internal import JSON
internal import RunStore

/// The runs of one kind in a store, with their configurations.
struct StoredRuns<Configuration: Codable & Hashable> {
    private(set) var runs: [(configuration: Configuration, isFinished: Bool)] = []
    /// How many runs of the kind this program did not make: those of another version, or whose
    /// configuration it cannot read and spell the same way again.
    private(set) var foreign = 0

    init(_ kind: String, among records: [RunRecord]) {
        for record in records where record.identity.kind == kind {
            let read = try? CanonicalJSON.value(
                Configuration.self, from: record.identity.configuration)
            if let read, (try? identity(read, kind)) == record.identity {
                runs.append((read, record.isFinished))
            } else {
                foreign += 1
            }
        }
    }

    private func identity(_ configuration: Configuration, _ kind: String) throws -> RunIdentity {
        try RunIdentity(kind: kind, configuration: configuration, version: ResultVersion.current)
    }
}
