internal import JSON
package import Networks

/// The description of a graph as JSON, version 1 (`docs/how-to/describe-a-graph.md`): in a case file's metadata, or a file of
/// its own.
///
/// Nothing is guessed: a member that is not known here is refused, and so is a version that is not.
package struct GraphJSON {
    package let description: GraphDescription
    /// The loss, where the description names one.
    package let loss: Loss?
    /// The shapes of the tensors, where the description gives them.
    package let tensors: [String: [Int]]?

    /// Why a text is no description.
    package struct Malformed: Error, CustomStringConvertible {
        package let reason: String
        package var description: String { "the description of a graph \(reason)" }
    }

    static let version = 1

    package init(_ text: String) throws(Malformed) {
        let value: JSONValue
        do {
            value = try CanonicalJSON.value(JSONValue.self, from: text)
        } catch {
            throw Malformed(reason: "is not JSON")
        }
        try self.init(value)
    }

    init(_ value: JSONValue) throws(Malformed) {
        var whole = try Members(value, of: "the description")
        guard case .integer(Self.version) = try whole.required("version") else {
            throw Malformed(reason: "has a version that is not known, expected \(Self.version)")
        }
        var input = try Members(try whole.required("input"), of: "\"input\"")
        let name = try input.text("name")
        let shape = try Self.integers(try input.required("shape"), of: "\"shape\" of the input")
        try input.requireNothingLeft()
        guard case .array(let values) = try whole.required("nodes") else {
            throw Malformed(reason: "\"nodes\" is not a list")
        }
        var nodes: [NodeDescription] = []
        for value in values { nodes.append(try Self.node(value)) }
        description = GraphDescription(
            input: name, inputShape: shape, nodes: nodes, output: try whole.text("output"))
        loss = try whole.optionalText("loss").map { (text) throws(Malformed) in
            if text == "cross-entropy" { return .softmaxCrossEntropy }
            guard let loss = Loss(rawValue: text) else {
                let known = Loss.allCases.map(\.name).joined(separator: ", ")
                throw Malformed(reason: "\"loss\" is \"\(text)\", expected \(known)")
            }
            return loss
        }
        tensors = try whole.optional("tensors").map { (value) throws(Malformed) in
            let members = try Members(value, of: "\"tensors\"").rest
            var shapes: [String: [Int]] = [:]
            for (name, shape) in members { shapes[name] = try Self.integers(shape, of: "the shape of tensor \"\(name)\"") }
            return shapes
        }
        try whole.requireNothingLeft()
    }

    private static func node(_ value: JSONValue) throws(Malformed) -> NodeDescription {
        var node = try Members(value, of: "a node")
        let name = try node.text("name")
        let activationName = try node.text("activation")
        guard let activation = Activation(rawValue: activationName) else {
            let known = Activation.allCases.map(\.name).joined(separator: ", ")
            throw Malformed(reason: "node \"\(name)\" has activation \"\(activationName)\", expected one of \(known)")
        }
        guard case .array(let values) = try node.required("from") else {
            throw Malformed(reason: "\"from\" of node \"\(name)\" is not a list")
        }
        try node.requireNothingLeft()
        var edges: [EdgeDescription] = []
        for value in values {
            var edge = try Members(value, of: "an edge to node \"\(name)\"")
            let source = try edge.text("node")
            var maps: [MapDescription] = []
            if let list = edge.optional("maps") {
                guard case .array(let values) = list else {
                    throw Malformed(reason: "\"maps\" of an edge to node \"\(name)\" is not a list")
                }
                for value in values {
                    var map = try Members(value, of: "a map to node \"\(name)\"")
                    let kind = try map.text("kind")
                    maps.append(MapDescription(kind, map.rest.mapValues(setting)))
                }
            }
            try edge.requireNothingLeft()
            edges.append(EdgeDescription(from: source, maps))
        }
        return NodeDescription(name: name, activation: activation, edges: edges)
    }

    private static func integers(_ value: JSONValue, of what: String) throws(Malformed) -> [Int] {
        guard case .integers(let values) = setting(value) else { throw Malformed(reason: "\(what) is not a list of integers") }
        return values
    }

    private static func setting(_ value: JSONValue) -> MapSetting {
        switch value {
        case .integer(let number): return .number(Double(number))
        case .number(let number): return .number(number)
        case .string(let text): return .text(text)
        case .boolean(let flag): return .boolean(flag)
        case .array(let values):
            let integers = values.compactMap { if case .integer(let number) = $0 { number } else { nil } }
            return integers.count == values.count ? .integers(integers) : .other(value.text())
        case .null, .object: return .other(value.text())
        }
    }
}

/// The members of an object, taken one by one.
private struct Members {
    private let what: String
    private(set) var rest: [String: JSONValue]

    init(_ value: JSONValue, of what: String) throws(GraphJSON.Malformed) {
        guard case .object(let members) = value else { throw GraphJSON.Malformed(reason: "\(what) is not an object") }
        self.what = what
        rest = Dictionary(members.map { ($0.key, $0.value) }) { first, _ in first }
    }

    mutating func optional(_ key: String) -> JSONValue? { rest.removeValue(forKey: key) }

    mutating func required(_ key: String) throws(GraphJSON.Malformed) -> JSONValue {
        guard let value = optional(key) else { throw GraphJSON.Malformed(reason: "\(what) has no \"\(key)\"") }
        return value
    }

    mutating func optionalText(_ key: String) throws(GraphJSON.Malformed) -> String? {
        guard let value = optional(key) else { return nil }
        guard case .string(let text) = value else {
            throw GraphJSON.Malformed(reason: "\"\(key)\" of \(what) is \(value.text()), expected a string")
        }
        return text
    }

    mutating func text(_ key: String) throws(GraphJSON.Malformed) -> String {
        guard let text = try optionalText(key) else { throw GraphJSON.Malformed(reason: "\(what) has no \"\(key)\"") }
        return text
    }

    func requireNothingLeft() throws(GraphJSON.Malformed) {
        if let key = rest.keys.min() { throw GraphJSON.Malformed(reason: "\(what) has \"\(key)\", which means nothing") }
    }
}
