internal import LinearAlgebra
internal import Networks

/// `Jₙ = ∂h_N/∂hₙ` at the feedforward pass of one example, in plain loops.
struct OutputJacobians {
    /// `h₁ … h_N`.
    let activities: PerLayer<Matrix<Double>>
    /// `ā₀ … ā_{N−1}`.
    let rates: [Matrix<Double>]
    /// `J₁ … J_N = I`.
    let jacobians: PerLayer<Matrix<Double>>
    /// Bounds on their norms by the norms of their factors, in units of which products round.
    let bounds: PerLayer<Double>

    init(_ network: Network<Double>, _ input: Matrix<Double>) {
        let architecture = network.architecture
        let depth = architecture.depth
        let inference = SmoothInference(
            network: network, input: input, precisions: PerLayer(architecture.layers) { _ in 1 },
            output: .free(.squaredError, target: Matrix(rows: architecture.outputWidth, columns: 1), strength: 0))
        let activities = inference.start
        self.activities = activities
        rates = (0..<depth).map { inference.extendedRates(activities, below: $0) }
        let outputs = architecture.outputWidth
        var jacobians = PerLayer<Matrix<Double>>(architecture.layers) { _ in .identity(outputs) }
        var bounds = PerLayer<Double>(architecture.layers) { _ in Double(outputs).squareRoot() }
        for n in architecture.hiddenLayers.reversed() {
            var slopes = activities[n]
            architecture.activation(ofLayer: n).slope(activities[n], into: &slopes)
            let own = network.parameters.layers[n].columns(0..<architecture.widths[n])
            let step = Matrix<Double>(rows: own.rows, columns: own.columns) { own[$0, $1] * slopes[$1, 0] }
            jacobians[n] = jacobians[n + 1].times(step)
            bounds[n] = bounds[n + 1] * step.norm
        }
        self.jacobians = jacobians
        self.bounds = bounds
    }

    /// `S = Σ JₙJₙᵀ`, unit precisions.
    var secondOrder: Matrix<Double> {
        var result = Matrix<Double>(rows: jacobians[jacobians.endIndex - 1].rows, columns: jacobians[jacobians.endIndex - 1].rows)
        for jacobian in jacobians { result.add(jacobian.times(jacobian.transposed)) }
        return result
    }
}
