internal import JSON

/// What makes a run this run: its kind, its full configuration, and the version of the program.
///
/// Two studies that need the same run find the same one, because nothing else is part of the key.
public struct RunIdentity: Hashable, Sendable {
    /// What sort of run it is, such as `training`: says how to read configuration and rows.
    public let kind: String
    /// The configuration in canonical JSON: everything that the rows depend on, and nothing else.
    public let configuration: String
    /// The version of the program that makes the rows.
    public let version: String
    /// SHA-256 of the three, in hexadecimal.
    public let key: String

    /// The identity of a configuration.
    ///
    /// - Throws: what encoding the configuration throws.
    public init(kind: String, configuration: some Encodable, version: String) throws {
        self.init(
            kind: kind, configurationText: try CanonicalJSON.text(configuration), version: version)
    }

    init(kind: String, configurationText: String, version: String) {
        self.kind = kind
        self.configuration = configurationText
        self.version = version
        // Lengths first, so that no two triples are joined to the same text.
        let joined =
            "\(kind.utf8.count) \(version.utf8.count)\n\(kind)\n\(version)\n\(configurationText)"
        key = SHA256.hexadecimal(joined.utf8)
    }
}
