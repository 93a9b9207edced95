internal import JSON
internal import Networks

extension GraphArchitecture: Hashable {
    /// Two graphs are one if they are described in the same words and their tensors have the same shapes.
    public static func == (a: GraphArchitecture, b: GraphArchitecture) -> Bool {
        a.description == b.description && a.tensors == b.tensors
    }

    public func hash(into hasher: inout Hasher) {
        hasher.combine(description)
        hasher.combine(tensors)
    }
}

/// As the JSON of `docs/how-to/describe-a-graph.md`, with the shapes of the tensors.
extension GraphArchitecture: Codable {
    public init(from decoder: any Decoder) throws {
        do {
            let json = try GraphJSON(try JSONValue(from: decoder))
            try self.init(json.description, tensors: json.tensors ?? [:])
        } catch let error as GraphJSON.Malformed {
            throw Self.corrupted(error.description, decoder)
        } catch let error as GraphError {
            throw Self.corrupted(error.description, decoder)
        }
    }

    public func encode(to encoder: any Encoder) throws {
        let whole: JSONValue = [
            "version": .integer(GraphJSON.version),
            "input": ["name": .string(inputName), "shape": .array(description.inputShape.map(JSONValue.integer))],
            "nodes": .array(description.nodes.map(\.json)), "output": .string(description.output),
            "tensors": .object(tensors.map { JSONValue.Member($0.name, .array($0.shape.map(JSONValue.integer))) }),
        ]
        try whole.encode(to: encoder)
    }

    private static func corrupted(_ reason: String, _ decoder: any Decoder) -> DecodingError {
        .dataCorrupted(DecodingError.Context(codingPath: decoder.codingPath, debugDescription: reason))
    }
}

extension NodeDescription {
    fileprivate var json: JSONValue {
        ["name": .string(name), "activation": .string(activation.rawValue), "from": .array(edges.map(\.json))]
    }
}

extension EdgeDescription {
    fileprivate var json: JSONValue { ["node": .string(source), "maps": .array(maps.map(\.json))] }
}

extension MapDescription {
    fileprivate var json: JSONValue {
        .object(
            [JSONValue.Member("kind", .string(kind))]
                + settings.sorted { $0.key < $1.key }.map { JSONValue.Member($0.key, $0.value.json) })
    }
}

extension MapSetting {
    fileprivate var json: JSONValue {
        switch self {
        case .number(let value): Int(exactly: value).map(JSONValue.integer) ?? .number(value)
        case .integers(let values): .array(values.map(JSONValue.integer))
        case .text(let text), .other(let text): .string(text)
        case .boolean(let flag): .boolean(flag)
        }
    }
}
