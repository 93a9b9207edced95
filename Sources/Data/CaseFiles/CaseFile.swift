internal import DataSets
public import LinearAlgebra
public import Networks

/// A user's case: a network before a step, a mini-batch and a loss, read from a safetensors file.
///
/// | tensor | shape | |
/// |---|---|---|
/// | `layers.N.weight` | out × in | N = 0, 1, 2, … without a gap |
/// | `layers.N.bias` | out | optional, layer by layer |
/// | `x` | B × in | one example in each row |
/// | `y` | B × out | for softmax one-hot or probabilities |
///
/// All are F64 or F32; F32 is widened, so the exact update is that of the numbers in the file.
/// Tensors named `extra.…` are ignored, any other name is refused. `__metadata__` may name
/// `activation` (one, or a comma list with one for each hidden layer) and `loss`.
public struct CaseFile: Sendable {
    /// Where something that a user can choose came from.
    public enum Origin: String, Sendable, Hashable {
        case option = "given"
        case metadata = "from the file's metadata"
        case standard = "default"
    }

    public let path: String
    public let network: Network<Double>
    public let batch: Batch<Double>
    public let loss: Loss
    public let activationOrigin: Origin
    public let lossOrigin: Origin
    /// Whether some weights in the file are F32.
    public let hasSinglePrecision: Bool
    let tensors: LayerTensors

    /// The loss of cases that do not say, as in the error tables.
    public static let standardLoss = Loss.softmaxCrossEntropy

    /// Reads a case.
    ///
    /// - Parameters:
    ///   - activations: one for all hidden layers or one for each; `nil` asks the metadata, which must say it
    ///     where there are hidden layers: nothing can be right about a network of another activation.
    ///   - loss: `nil` asks the metadata, and if that is silent takes `standardLoss`.
    ///   - path: a safetensors file.
    /// - Throws: `CaseFileError`, one case for each thing that can be wrong.
    public init(
        path: String, activations: [Activation]?, loss: Loss?
    ) throws(CaseFileError) {
        try self.init(try LayerTensors(path: path), path: path, activations: activations, loss: loss)
    }

    init(
        _ tensors: LayerTensors, path: String, activations: [Activation]?, loss: Loss?
    ) throws(CaseFileError) {
        let (names, activationOrigin) = try Self.activations(activations, tensors)
        (self.loss, lossOrigin) = try Self.loss(loss, tensors)
        do throws(NetworkError) {
            network = try Network(
                architecture: try Architecture(
                    widths: tensors.widths, hiddenActivations: names, biases: tensors.biasFlags),
                parameters: tensors.parameters)
        } catch {
            throw .values(file: path, tensor: "layers", reason: error.description)
        }
        batch = try Self.batch(tensors, architecture: network.architecture)
        do throws(NetworkError) {
            try self.loss.validate(targets: batch.targets)
        } catch {
            let advice = lossOrigin == .option ? "" : "; choose the loss by --loss"
            throw .values(file: path, tensor: "y", reason: error.description + advice)
        }
        self.path = path
        self.activationOrigin = activationOrigin
        self.tensors = tensors
        hasSinglePrecision = tensors.hasSinglePrecision
    }

    private static func activations(
        _ chosen: [Activation]?, _ tensors: LayerTensors
    ) throws(CaseFileError) -> ([Activation], Origin) {
        let hiddenLayers = tensors.layers.count - 1
        var (names, origin) = (chosen ?? [], chosen == nil ? Origin.standard : .option)
        if chosen == nil, let text = tensors.metadata["activation"] {
            let parts = text.split(separator: ",", omittingEmptySubsequences: false)
            names = parts.compactMap { Activation(rawValue: String($0)) }
            origin = .metadata
            guard names.count == parts.count else {
                throw .metadata(
                    file: tensors.file, key: "activation", found: text,
                    expected: Activation.allCases.map(\.name).joined(separator: ", "))
            }
        }
        if origin == .standard {
            guard hiddenLayers == 0 else { throw .activationUnknown(file: tensors.file) }
            return ([], origin)
        }
        if names.count == 1 { return (Array(repeating: names[0], count: hiddenLayers), origin) }
        guard names.count == hiddenLayers else {
            throw .activationCount(
                file: tensors.file, hiddenLayers: hiddenLayers, found: names.count)
        }
        return (names, origin)
    }

    private static func loss(
        _ chosen: Loss?, _ tensors: LayerTensors
    ) throws(CaseFileError) -> (Loss, Origin) {
        if let chosen { return (chosen, .option) }
        guard let text = tensors.metadata["loss"] else { return (standardLoss, .standard) }
        guard let loss = Loss(rawValue: text) else {
            throw .metadata(
                file: tensors.file, key: "loss", found: text,
                expected: Loss.allCases.map(\.name).joined(separator: ", "))
        }
        return (loss, .metadata)
    }

    private static func batch(
        _ tensors: LayerTensors, architecture: Architecture
    ) throws(CaseFileError) -> Batch<Double> {
        guard let x = tensors.inputs else {
            throw .missingTensor(
                file: tensors.file, tensor: "x", purpose: "the inputs, B × \(architecture.inputWidth)")
        }
        guard let y = tensors.targets else {
            throw .missingTensor(
                file: tensors.file, tensor: "y", purpose: "the targets, B × \(architecture.outputWidth)")
        }
        for (tensor, width, what) in [
            (x, architecture.inputWidth, "inputs"), (y, architecture.outputWidth, "outputs"),
        ] {
            guard tensor.shape.count == 2, tensor.shape[1] == width else {
                throw .shape(
                    file: tensors.file, tensor: tensor.name,
                    expected: "[B, \(width)]: one example in each row, and the network has "
                        + "\(width) \(what)",
                    found: tensor.shape)
            }
            guard tensor.shape[0] > 0 else {
                throw .emptyBatch(file: tensors.file, tensor: tensor.name, found: tensor.shape)
            }
        }
        guard x.shape[0] == y.shape[0] else {
            throw .shape(
                file: tensors.file, tensor: "y",
                expected: "[\(x.shape[0]), \(architecture.outputWidth)], because x has "
                    + "\(x.shape[0]) examples",
                found: y.shape)
        }
        do {
            // Row-major B × width is column-major width × B: one example in each column.
            return try Batch(
                inputs: try Matrix(
                    rows: architecture.inputWidth, columns: x.shape[0], elements: x.values),
                targets: try Matrix(
                    rows: architecture.outputWidth, columns: y.shape[0], elements: y.values))
        } catch {
            throw .values(file: tensors.file, tensor: "x", reason: "\(error)")
        }
    }
}
