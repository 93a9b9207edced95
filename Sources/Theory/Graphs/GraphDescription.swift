public import Networks

/// A graph in words, as a file has it: names and settings, none of them checked.
public struct GraphDescription: Sendable, Hashable {
    /// The name of the input, and its shape without the batch.
    public var input: String
    public var inputShape: [Int]
    /// In topological order.
    public var nodes: [NodeDescription]
    /// The node whose activities are the logits.
    public var output: String

    public init(input: String, inputShape: [Int], nodes: [NodeDescription], output: String) {
        self.input = input
        self.inputShape = inputShape
        self.nodes = nodes
        self.output = output
    }
}

/// A node: its activity is the sum over its edges, its rate the activation of that.
public struct NodeDescription: Sendable, Hashable {
    public var name: String
    public var activation: Activation
    public var edges: [EdgeDescription]

    public init(name: String, activation: Activation, edges: [EdgeDescription]) {
        self.name = name
        self.activation = activation
        self.edges = edges
    }
}

/// An edge: maps that are applied, in this order, to the rates of another node.
public struct EdgeDescription: Sendable, Hashable {
    public var source: String
    public var maps: [MapDescription]

    public init(from source: String, _ maps: [MapDescription] = []) {
        self.source = source
        self.maps = maps
    }
}

/// A map by its kind and its settings.
public struct MapDescription: Sendable, Hashable {
    public var kind: String
    public var settings: [String: MapSetting]

    public init(_ kind: String, _ settings: [String: MapSetting] = [:]) {
        self.kind = kind
        self.settings = settings
    }
}

/// The value of a setting.
public enum MapSetting: Sendable, Hashable {
    case number(Double)
    case integers([Int])
    case text(String)
    case boolean(Bool)
    /// Something that no map takes, as text.
    case other(String)
}

extension MapSetting: ExpressibleByStringLiteral, ExpressibleByArrayLiteral, ExpressibleByIntegerLiteral,
    ExpressibleByFloatLiteral, ExpressibleByBooleanLiteral
{
    public init(stringLiteral value: String) { self = .text(value) }
    public init(arrayLiteral elements: Int...) { self = .integers(elements) }
    public init(integerLiteral value: Int) { self = .number(Double(value)) }
    public init(floatLiteral value: Double) { self = .number(value) }
    public init(booleanLiteral value: Bool) { self = .boolean(value) }
}
