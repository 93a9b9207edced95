/// Bounds on the derivatives of activations over the whole real line, for certificates that must hold everywhere.
extension Activation {
    /// `sup |φ″|`, rounded up; `nil` for an activation with a kink, whose slope jumps.
    ///
    /// Logistic: `|σ″|` is largest where `σ = (1 ± 1/√3)/2`, `1/(6√3)`. Hyperbolic tangent: `4/(3√3)`, since
    /// `tanh h = 2σ(2h) − 1`. Softplus: `sup σ′ = 1/4`. GELU: `2Φ′(0) = 2/√(2π)`; the other extremum of
    /// `Φ′(h)(2 − h²)`, at `h = 2`, is smaller.
    package var curvatureBound: Double? {
        switch self {
        case .identity: 0
        case .relu, .leakyReLU: nil
        case .tanh: 0.76981
        case .sigmoid: 0.096226
        case .softplus: 0.25
        case .gelu: 0.797885
        }
    }

    /// The least `L` with `|φ(a) − φ(b)| ≤ L|a − b|`: the largest slope. GELU's is 1.1290, at √2.
    public var lipschitzConstant: Double {
        switch self {
        case .identity, .relu, .leakyReLU, .tanh, .softplus: 1
        case .sigmoid: 0.25
        case .gelu: 1.13
        }
    }

    /// `sup |φ″|` where there is a derivative: 0 on both sides of a kink.
    package var largestCurvature: Double { curvatureBound ?? 0 }
}

extension Loss {
    /// `sup ‖∇²ℓ‖` over all logits.
    ///
    /// Softmax: `vᵀ(diag σ − σσᵀ)v` is a variance of `v` under `σ`, at most a quarter of the squared range of `v`,
    /// which is at most `2‖v‖²`. Sigmoid: `sup σ′ = 1/4`.
    package var curvatureBound: Double {
        switch self {
        case .squaredError: 1
        case .softmaxCrossEntropy: 0.5
        case .sigmoidCrossEntropy: 0.25
        }
    }

    /// `sup ‖∇ℓ‖` over all logits of `outputs` units; infinite for the squared error.
    ///
    /// Softmax: two probability vectors are at most `√2` apart. Sigmoid: each entry of `μ − y` is at most 1.
    package func gradientBound(outputs: Int) -> Double {
        switch self {
        case .squaredError: .infinity
        case .softmaxCrossEntropy: 2.0.squareRoot()
        case .sigmoidCrossEntropy: Double(outputs).squareRoot()
        }
    }
}
