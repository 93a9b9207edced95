/// Where results come from: everything that one must know to get them again.
///
/// Version, seed, network, data set, solver tolerance, linear-algebra library and threads, command
/// line: the caller says what, in an order that every output format keeps.
///
/// ```swift
/// var provenance: Provenance = ["version": "0.1.0", "seed": 7, "tolerance": 1e-10]
/// provenance.set("dataSet", title: "data set", to: "digits")
/// ```
public struct Provenance: Sendable, Equatable {
    /// One fact: a stable key for programs, a title for people, a value.
    public struct Entry: Sendable, Equatable {
        /// The stable name in CSV and JSON.
        public let key: String
        /// The name in text and Markdown.
        public let title: String
        /// What it is.
        public let value: Cell
    }

    /// The facts, in the order in which their keys were first set. Keys are distinct.
    public private(set) var entries: [Entry] = []

    /// No facts yet.
    public init() {}

    /// Sets a fact. A key that is known keeps its place and takes the new title and value.
    ///
    /// Numbers are shown at full precision in every format.
    ///
    /// - Parameter key: the name in JSON.
    /// - Parameter title: `nil` means the key.
    /// - Parameter value: the fact.
    public mutating func set(_ key: String, title: String? = nil, to value: Cell) {
        let entry = Entry(key: key, title: title ?? key, value: value)
        if let known = entries.firstIndex(where: { $0.key == key }) {
            entries[known] = entry
        } else {
            entries.append(entry)
        }
    }

    /// The value of a key, if it was set.
    public subscript(key: String) -> Cell? { entries.first { $0.key == key }?.value }
}

extension Provenance: ExpressibleByDictionaryLiteral {
    /// The order of the literal is kept; of two equal keys the later one's value counts.
    public init(dictionaryLiteral elements: (String, Cell)...) {
        for (key, value) in elements { set(key, to: value) }
    }
}
