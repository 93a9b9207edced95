internal import DataSets
public import Graphs
public import LinearAlgebra
public import Networks

/// A user's case whose network is a graph: parameters, a mini-batch and a description in the metadata.
///
/// Tensors have the names that the description gives them, with PyTorch's shapes; `x` is B × the input's shape, `y` B ×
/// outputs. All are F64 or F32, all are used, and all are finite.
public struct GraphFile: Sendable {
    public let path: String
    public let network: GraphNetwork
    /// One example in each column, in the file's order.
    public let inputs: Matrix<Double>
    public let targets: Matrix<Double>
    public let loss: Loss
    public let lossOrigin: CaseFile.Origin
    /// Whether some parameters in the file are F32.
    public let hasSinglePrecision: Bool
    /// The tensors of the graph, in its order.
    let tensors: [Safetensors.Tensor]
    let description: String

    /// The key of the description in the metadata.
    static let key = "network"

    init(_ contents: Safetensors, description text: String, path: String, loss: Loss?) throws(CaseFileError) {
        let parsed: GraphJSON
        do throws(GraphJSON.Malformed) {
            parsed = try GraphJSON(text)
        } catch {
            throw .graph(file: path, reason: error.reason)
        }
        var named: [String: Safetensors.Tensor] = [:]
        for tensor in contents.tensors { named[tensor.name] = tensor }
        let examples = (named.removeValue(forKey: "x"), named.removeValue(forKey: "y"))
        for (name, shape) in parsed.tensors ?? [:] where named[name]?.shape != shape {
            throw .graph(
                file: path,
                reason: "gives tensor \"\(name)\" the shape \(shape), and the file has "
                    + (named[name].map { "\($0.shape)" } ?? "no such tensor"))
        }
        let network: GraphNetwork
        do throws(GraphError) {
            let architecture = try GraphArchitecture(parsed.description, tensors: named.mapValues(\.shape))
            network = try GraphNetwork(architecture, values: named.mapValues(\.values))
        } catch {
            throw .graph(file: path, reason: error.description)
        }
        let tensors = network.architecture.tensors.compactMap { named[$0.name] }
        if let unused = Set(named.keys).subtracting(tensors.map(\.name)).min() {
            throw .unusedTensor(file: path, tensor: unused)
        }
        inputs = try Self.examples(
            examples.0, "x", "the inputs", shape: network.architecture.inputShape.dimensions, file: path)
        targets = try Self.examples(
            examples.1, "y", "the targets", shape: [network.architecture.outputWidth], file: path)
        guard inputs.columns == targets.columns else {
            throw .shape(
                file: path, tensor: "y", expected: "\(inputs.columns) examples, as x has",
                found: [targets.columns, targets.rows])
        }
        (self.loss, lossOrigin) = try Self.loss(loss, contents.metadata["loss"], parsed.loss, file: path)
        do throws(NetworkError) {
            try self.loss.validate(targets: targets)
        } catch {
            throw .values(file: path, tensor: "y", reason: error.description)
        }
        self.path = path
        self.network = network
        self.tensors = tensors
        self.description = text
        hasSinglePrecision = tensors.contains { $0.elementType == .float32 }
    }

    private static func examples(
        _ tensor: Safetensors.Tensor?, _ name: String, _ what: String, shape: [Int], file: String
    ) throws(CaseFileError) -> Matrix<Double> {
        let wanted = (["B"] + shape.map { "\($0)" }).joined(separator: " × ")
        guard let tensor else { throw .missingTensor(file: file, tensor: name, purpose: "\(what), \(wanted)") }
        guard tensor.shape.count == shape.count + 1, Array(tensor.shape.dropFirst()) == shape else {
            throw .shape(file: file, tensor: name, expected: "\(what), \(wanted)", found: tensor.shape)
        }
        guard tensor.shape[0] > 0 else { throw .emptyBatch(file: file, tensor: name, found: tensor.shape) }
        do throws(LinearAlgebraError) {
            return try Matrix(rows: shape.reduce(1, *), columns: tensor.shape[0], elements: tensor.values)
        } catch {
            throw .values(file: file, tensor: name, reason: error.description)
        }
    }

    private static func loss(
        _ chosen: Loss?, _ metadata: String?, _ described: Loss?, file: String
    ) throws(CaseFileError) -> (Loss, CaseFile.Origin) {
        if let chosen { return (chosen, .option) }
        if let metadata {
            guard let loss = Loss(rawValue: metadata) else {
                throw .metadata(
                    file: file, key: "loss", found: metadata,
                    expected: Loss.allCases.map(\.name).joined(separator: ", "))
            }
            return (loss, .metadata)
        }
        return described.map { ($0, .metadata) } ?? (CaseFile.standardLoss, .standard)
    }
}

/// A case of either kind, from one reading of the file.
public enum UserCase: Sendable {
    case chain(CaseFile)
    case graph(GraphFile)

    /// - Parameter path: a safetensors file, with a graph in it if its metadata has a `network`.
    /// - Parameter activations: for chains, as `CaseFile` takes them.
    /// - Parameter loss: `nil` asks the file.
    /// - Throws: `CaseFileError`.
    public init(path: String, activations: [Activation]?, loss: Loss?) throws(CaseFileError) {
        let contents = try LayerTensors.contents(of: path)
        guard let description = contents.metadata[GraphFile.key] else {
            self = .chain(
                try CaseFile(
                    try LayerTensors(contents, file: path), path: path, activations: activations, loss: loss))
            return
        }
        guard activations == nil else { throw .activationOfGraph(file: path) }
        self = .graph(try GraphFile(contents, description: description, path: path, loss: loss))
    }

    /// Where the loss came from.
    public var lossOrigin: CaseFile.Origin {
        switch self {
        case .chain(let file): file.lossOrigin
        case .graph(let file): file.lossOrigin
        }
    }
}
