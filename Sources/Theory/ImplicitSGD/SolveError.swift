/// Why a solver cannot take a problem. A solve that was taken but did not reach its tolerance is not
/// an error; it returns a report that says so.
public enum SolveError: Error, Equatable, Sendable, CustomStringConvertible {
    /// The rates of layer `layer` are linearly dependent over the batch (or all zero, without bias):
    /// the energy over activities does not exist there. Weight space has no such limit.
    case singularGram(layer: Int)
    /// The problem has more weights than a dense Hessian is sensible for.
    case tooManyParameters(count: Int, limit: Int)
    /// The weights of layer `layer` are held, which is a constraint that the energy over activities does not have.
    case heldWeights(layer: Int)
    /// A loss, gradient or weight overflowed at the starting point.
    case notFinite(what: String)

    public var description: String {
        switch self {
        case .singularGram(let layer):
            """
            the rates of layer \(layer) are linearly dependent over the mini-batch, so the \
            activity-space energy does not exist; use a weight-space solver
            """
        case .tooManyParameters(let count, let limit):
            """
            dense Newton in weight space is limited to \(limit) weights and the network has \
            \(count); use the activity-space or the matrix-free solver
            """
        case .heldWeights(let layer):
            """
            the weights of layer \(layer) are held, and the activity-space solver can hold biases alone; use a \
            weight-space solver
            """
        case .notFinite(let what):
            "\(what) is not finite at the starting point; scale the inputs or the weights down"
        }
    }
}
