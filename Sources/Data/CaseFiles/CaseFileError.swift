internal import DataSets
internal import Networks

/// What can be wrong with a user's case, or with weights that should belong to it. Every message
/// names the file and the tensor, what was found and what is expected.
public enum CaseFileError: Error, Equatable, Sendable, CustomStringConvertible {
    /// The file is not a usable safetensors file; the text is the reader's own.
    case unreadable(String)
    /// The new weights could not be written; the text is the writer's own.
    case unwritable(String)
    /// A tensor whose name means nothing here.
    case unknownTensor(file: String, tensor: String)
    /// No tensor of this name, and what it would have been.
    case missingTensor(file: String, tensor: String, purpose: String)
    /// A layer's number is left out, or a bias has no weights.
    case missingLayer(file: String, tensor: String, because: String)
    /// A tensor's shape does not fit, with the reason.
    case shape(file: String, tensor: String, expected: String, found: [Int])
    /// The batch has no examples.
    case emptyBatch(file: String, tensor: String, found: [Int])
    /// Targets that are integers, as class labels are.
    case classLabels(file: String, elementType: String)
    /// A target does not suit the loss, or a value does not suit the network.
    case values(file: String, tensor: String, reason: String)
    /// The number of activations is not that of hidden layers. Wrong usage, not bad data.
    case activationCount(file: String, hiddenLayers: Int, found: Int)
    /// Neither the caller nor the file says which hidden activation the network has. Wrong usage, not bad data.
    case activationUnknown(file: String)
    /// `__metadata__` names an activation or loss that does not exist.
    case metadata(file: String, key: String, found: String, expected: String)
    /// The graph in the metadata is not what `describe-a-graph.md` says, or cannot be made.
    case graph(file: String, reason: String)
    /// A tensor that no map of the graph names.
    case unusedTensor(file: String, tensor: String)
    /// A graph where only chains are taken. Wrong usage, not bad data.
    case graphForChain(file: String)
    /// An activation was chosen for a graph. Wrong usage, not bad data.
    case activationOfGraph(file: String)
    /// The weights after a step are not those of the same network, or not of the same batch.
    case notTheSame(file: String, tensor: String, before: String, reason: String)

    public var description: String {
        switch self {
        case .unreadable(let text), .unwritable(let text): return text
        case .unknownTensor(let file, let tensor):
            return "\(file): unknown tensor \(quoted(tensor)), expected only layers.N.weight, "
                + "layers.N.bias, x and y; give it a name that begins with \"extra.\" to have it "
                + "ignored"
        case .missingTensor(let file, let tensor, let purpose):
            return "\(file): no tensor \(quoted(tensor)), expected \(purpose)"
        case .missingLayer(let file, let tensor, let because):
            return "\(file): no tensor \(quoted(tensor)), though there is \(quoted(because)); "
                + "expected layers numbered 0, 1, 2, … without a gap, each with weights"
        case .shape(let file, let tensor, let expected, let found):
            return "\(file): tensor \(quoted(tensor)) has shape \(shapeText(found)), expected "
                + expected
        case .emptyBatch(let file, let tensor, let found):
            return "\(file): tensor \(quoted(tensor)) has shape \(shapeText(found)): the batch is "
                + "empty, expected at least one example"
        case .classLabels(let file, let type):
            return "\(file): tensor \"y\" has dtype \(quoted(type)): class labels, expected one row for each "
                + "example, B × out in F64 or F32; make them one-hot before saving: "
                + "torch.nn.functional.one_hot(y, classes).double() in PyTorch, "
                + "numpy.eye(classes)[y] in NumPy and JAX"
        case .values(let file, let tensor, let reason):
            return "\(file): tensor \(quoted(tensor)): \(reason)"
        case .activationCount(let file, let hiddenLayers, let found):
            return "--activation: \(found) names, but \(file) has \(hiddenLayers) hidden layers; "
                + "expected one name for all of them, or \(hiddenLayers) separated by commas"
        case .activationUnknown(let file):
            return "\(file) does not say the hidden activation: give --activation "
                + "(\(Activation.allCases.map(\.name).joined(separator: ", "))), or save it as metadata 'activation'"
        case .metadata(let file, let key, let found, let expected):
            return "\(file): metadata \(quoted(key)) is \(quoted(found)), expected \(expected)"
        case .graph(let file, let reason): return "\(file): metadata \"network\": \(reason)"
        case .unusedTensor(let file, let tensor):
            return "\(file): tensor \(quoted(tensor)) is used by no map of the graph in the metadata \"network\"; give it a "
                + "name that begins with \"extra.\" to have it ignored"
        case .graphForChain(let file):
            return "\(file) holds a graph (its metadata has \"network\"), and this takes chains only; graphs have prox and compare"
        case .activationOfGraph(let file):
            return "--activation: the graph in \(file) says the activation of every node; leave the option out"
        case .notTheSame(let file, let tensor, let before, let reason):
            return "\(file): tensor \(quoted(tensor)) \(reason) \(before); expected the same "
                + "network after one step on the same batch"
        }
    }
}
