/// The settings of one map, read one by one; what is left over in the end is refused.
package struct MapSettings {
    /// The node whose edge the map is on.
    package let node: String
    package let kind: String
    private var unread: [String: MapSetting]

    init(_ map: MapDescription, node: String) {
        self.node = node
        kind = map.kind
        unread = map.settings
    }

    /// A list of so many integers; `standard` if it is left out.
    ///
    /// - Throws: `GraphError.setting`.
    package mutating func integers(
        _ name: String, count: Int, in range: ClosedRange<Int>, standard: Int? = nil
    ) throws(GraphError) -> [Int] {
        guard let setting = unread.removeValue(forKey: name) else {
            guard let standard else { throw missing(name, "\(count) integers") }
            return Array(repeating: standard, count: count)
        }
        guard case .integers(let values) = setting, values.count == count, values.allSatisfy(range.contains) else {
            throw error(name, "found \(setting.text), expected \(count) integers in \(range)")
        }
        return values
    }

    /// A list of any number of positive integers.
    package mutating func dimensions(_ name: String) throws(GraphError) -> [Int] {
        guard let setting = unread.removeValue(forKey: name) else { throw missing(name, "a list of integers") }
        guard case .integers(let values) = setting else {
            throw error(name, "found \(setting.text), expected a list of integers")
        }
        return values
    }

    package mutating func integer(
        _ name: String, in range: ClosedRange<Int>, standard: Int? = nil
    ) throws(GraphError) -> Int {
        guard let setting = unread.removeValue(forKey: name) else {
            guard let standard else { throw missing(name, "an integer") }
            return standard
        }
        guard case .number(let value) = setting, let integer = Int(exactly: value), range.contains(integer) else {
            throw error(name, "found \(setting.text), expected an integer in \(range)")
        }
        return integer
    }

    package mutating func number(_ name: String) throws(GraphError) -> Double {
        guard let setting = unread.removeValue(forKey: name) else { throw missing(name, "a number") }
        guard case .number(let value) = setting, value.isFinite else {
            throw error(name, "found \(setting.text), expected a finite number")
        }
        return value
    }

    package mutating func text(_ name: String) throws(GraphError) -> String {
        guard let value = try optionalText(name) else { throw missing(name, "the name of a tensor") }
        return value
    }

    package mutating func optionalText(_ name: String) throws(GraphError) -> String? {
        guard let setting = unread.removeValue(forKey: name) else { return nil }
        guard case .text(let value) = setting else { throw error(name, "found \(setting.text), expected a name") }
        return value
    }

    package mutating func boolean(_ name: String, standard: Bool) throws(GraphError) -> Bool {
        guard let setting = unread.removeValue(forKey: name) else { return standard }
        guard case .boolean(let value) = setting else {
            throw error(name, "found \(setting.text), expected true or false")
        }
        return value
    }

    /// - Throws: `GraphError.setting` for one that the map has not asked for.
    func requireNothingLeft() throws(GraphError) {
        if let name = unread.keys.min() { throw error(name, "means nothing to this map") }
    }

    /// The error that a map throws for a shape that it cannot take.
    package func shape(_ reason: String) -> GraphError { .shape(node: node, reason: "\(kind): \(reason)") }

    package func error(_ name: String, _ reason: String) -> GraphError {
        .setting(node: node, map: kind, name: name, reason: reason)
    }

    private func missing(_ name: String, _ expected: String) -> GraphError {
        error(name, "is missing, expected \(expected)")
    }
}

extension MapSetting {
    /// As error messages and descriptions of cases print it.
    package var text: String {
        switch self {
        case .number(let value): "\(value)"
        case .integers(let values): "\(values)"
        case .text(let value): "\"\(value)\""
        case .boolean(let value): "\(value)"
        case .other(let text): text
        }
    }
}
