internal import ImplicitSGD
internal import LinearAlgebra
internal import Networks
internal import PropertyTesting
internal import Randomness
internal import RealModule

private enum Variant: Sendable { case correct, withoutDoubling, noBend, withoutOne, lastLayerOnly }

extension Theorem {
    /// T25: the largest eigenvalue of the Hessian at random activities against the bound, and the gradient's change along
    /// that eigenvector, which uses no second derivative.
    ///
    /// **Tolerance.** The mean of `vᵀ∇²F(h+sv)v` over `|s| ≤ t` is `vᵀ(∇F(h+tv) − ∇F(h−tv))/2t`, exactly, and at most the mean of
    /// the bound there, which exceeds that at `h` by at most `κ″ max‖W‖(1+κ max‖W‖)t`. The gradients round by
    /// `ε = Σ(k+4)u(‖W‖‖ā‖ + ‖h‖)` times `1 + κ max‖W‖`, and enter as `ε/t`. Eigenvalues of order `d` round by `8(d+8)u` of
    /// the largest. The unit of the margin is the bound itself with these on top: 1 is equality.
    static let energySmoothness = Theorem.from(
        .energySmoothness, title: "Smoothness of the inference energy",
        statement: #"""
            For $F=\frac12\sum\lVert e_n\rVert^2$ over the hidden activities with clamped output, \#
            $\lambda_{\max}(\nabla^2F)\le(1+\kappa\max\lVert W_n\rVert)^2+\kappa''\max|W_n^\top e_{n+1}|$, $\kappa=\sup|\varphi'|$, \#
            $\kappa''=\sup|\varphi''|$, spectral norms and the largest entry over the hidden layers. ($1+\max\lVert W\rVert^2$ would be false.)
            """#,
        hypotheses: ["Activations with two continuous derivatives.", "Any activities; for each example."],
        paper: .mali2024, quantity: "λ_max(∇²F) over the bound; the gradient's change along its eigenvector over the bound",
        bound: "at most 1", tolerance: "rounding of eigenvalues and gradients, and what the bound can change over the step",
        generator: NetworkCases {
            $0.depths = 2...6
            $0.widths = 1...5
            $0.activations = NetworkCases.smoothActivations
            $0.losses = [.squaredError]
            $0.batchSizes = 1...1
            $0.weightScales = 0.1...5
        }.generator(),
        describe: \.description, correct: Variant.correct,
        mutants: [
            ("1 + max‖W‖²", .withoutDoubling), ("without the second derivatives", .noBend),
            ("without the 1", .withoutOne), ("the last layer's weights alone", .lastLayerOnly),
        ]
    ) { networkCase, variant, context in
        networkCase.label(&context)
        var random = networkCase.randomGenerator(stream: 8)
        let problem = networkCase.problem
        let inference = SmoothInference(
            network: problem.network, input: problem.batch.inputs,
            precisions: PerLayer(networkCase.architecture.layers) { _ in 1 }, output: .clamped(problem.batch.targets))
        var point = inference.start
        for n in networkCase.architecture.hiddenLayers {
            // Large errors above moderate activities are where the second derivatives count.
            let spread = Double.pow(10, 2.5 * random.nextUniform() - 1)
            point[n] = point[n].mapped { $0 + spread * random.nextNormal() }
        }
        let bound = try SmoothnessBound(networkCase, inference.errors(point), variant)
        let hessian = inference.hessian(point)
        let spectrum = try SymmetricEigendecomposition(hessian)
        guard let largest = spectrum.values.last else { throw Discard("no hidden unit") }
        context.label("bound within 10 %", when: largest > 0.9 * bound.value)
        context.measure("ratio", largest / bound.value)
        var worst = WorstMargin()
        let rounded = 8 * Double(hessian.rows + 8) * unitRoundoff * hessian.norm
        worst.include(max(0, largest) / (bound.value + rounded))

        let top = Matrix<Double>(column: spectrum.vectors.column(hessian.rows - 1))
        let line = inference.unstacked(top)
        let t = 1e-4
        let ahead = inference.moved(point, along: line, by: t)
        let behind = inference.moved(point, along: line, by: -t)
        let (above, below) = (inference.gradient(ahead), inference.gradient(behind))
        let change = above.indices.reduce(0) { $0 + line[$1].dot(above[$1] - below[$1]) } / (2 * t)
        let noise = bound.gain * bound.rounding(inference, point) / t
        worst.include(max(0, change) / (bound.value + bound.drift * t + noise))
        return worst.value
    }
}

private struct SmoothnessBound {
    let value: Double
    /// `1 + κ max‖W‖`.
    let gain: Double
    /// How fast the second term can grow along a unit line.
    let drift: Double
    private let networkCase: NetworkCase

    init(_ networkCase: NetworkCase, _ errors: PerLayer<Matrix<Double>>, _ variant: Variant) throws {
        let architecture = networkCase.architecture
        self.networkCase = networkCase
        var (stretch, widest, bend, curvature) = (0.0, 0.0, 0.0, 0.0)
        for n in architecture.hiddenLayers {
            let activation = architecture.activation(ofLayer: n)
            let own = networkCase.problem.network.parameters.layers[n].columns(0..<architecture.widths[n])
            let norm = try SymmetricEigendecomposition(own.transposed.times(own)).values.last ?? 0
            let spectral = max(0, norm).squareRoot() * (1 + 8 * Double(own.columns + 8) * unitRoundoff)
            let slope = activation.lipschitzConstant
            if variant != .lastLayerOnly || n == architecture.depth - 1 {
                stretch = max(stretch, slope * spectral)
            }
            widest = max(widest, spectral)
            curvature = max(curvature, activation.largestCurvature)
            bend = max(bend, activation.largestCurvature * own.transposed.times(errors[n + 1]).maximumMagnitude)
        }
        let first =
            switch variant {
            case .withoutDoubling: 1 + stretch * stretch
            case .withoutOne: stretch * stretch
            default: (1 + stretch) * (1 + stretch)
            }
        value = first + (variant == .noBend ? 0 : bend)
        gain = 1 + stretch
        drift = curvature * widest * (1 + stretch)
    }

    /// The rounding of all errors.
    func rounding(_ inference: SmoothInference, _ point: PerLayer<Matrix<Double>>) -> Double {
        networkCase.problem.network.parameters.layers.enumerated().reduce(0) { sum, layer in
            let extended = inference.extendedRates(point, below: layer.offset)
            return sum + Double(layer.element.columns + 4) * unitRoundoff
                * (layer.element.norm * extended.norm + point[layer.offset + 1].norm)
        }
    }
}
