/// Why a network, a batch or a learning problem cannot be built from the given values.
public enum NetworkError: Error, Equatable, Sendable, CustomStringConvertible {
    /// A network needs an input width, at least one weight layer, and positive widths.
    case invalidWidths([Int])
    /// The number of hidden activations or of bias flags does not fit the number of layers.
    case layerCount(what: String, expected: Int, found: Int)
    /// The weights of layer `layer` have the wrong shape.
    case weightShape(layer: Int, expected: String, found: String)
    /// A tensor has a NaN or infinite entry.
    case notFinite(tensor: String)
    /// A batch has no examples.
    case emptyBatch
    /// Inputs and targets, or a batch and a network, do not fit.
    case shapeMismatch(what: String, expected: Int, found: Int)
    /// A target is outside of what the loss is defined for.
    case invalidTarget(loss: Loss, example: Int, reason: String)
    /// Parameters cannot be held as asked.
    case held(String)

    public var description: String {
        switch self {
        case .invalidWidths(let widths):
            "widths \(widths): need an input width and at least one layer, all positive and below 2³⁰"
        case .layerCount(let what, let expected, let found):
            "expected \(expected) \(what), found \(found)"
        case .weightShape(let layer, let expected, let found):
            "weights of layer \(layer): expected shape \(expected), found \(found)"
        case .notFinite(let tensor):
            "\(tensor) contains NaN or infinite values"
        case .emptyBatch:
            "the batch is empty: at least one example is needed"
        case .shapeMismatch(let what, let expected, let found):
            "\(what): expected \(expected), found \(found)"
        case .invalidTarget(let loss, let example, let reason):
            "target of example \(example) does not suit the loss \(loss.name): \(reason)"
        case .held(let reason): "held parameters: \(reason)"
        }
    }
}
