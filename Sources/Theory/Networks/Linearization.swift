public import LinearAlgebra

/// A hidden unit of one example that sits on the kink of its activation, with the slope to use there.
///
/// Any slope between the one-sided derivatives is an element of the subdifferential; the solvers
/// find the one that makes the implicit equation hold.
public struct KinkedUnit: Sendable, Hashable {
    /// The hidden layer, `1..<N`.
    public let layer: Int
    public let unit: Int
    public let example: Int
    public var slope: Double

    public init(layer: Int, unit: Int, example: Int, slope: Double) {
        self.layer = layer
        self.unit = unit
        self.example = example
        self.slope = slope
    }
}

/// A network at one batch: the feedforward pass, the backward pass and what derivatives of the
/// mini-batch loss `L(θ) = 1/B Σ ℓᵢ` need of them.
///
/// One pass costs `2·B` operations a weight, the backward pass and the gradient twice that.
public struct Linearization<Scalar: BLASScalar>: Sendable {
    public let network: Network<Scalar>
    public let batch: Batch<Scalar>
    public let loss: Loss
    /// `h₁ … h_N`, each `dₙ × B`.
    public private(set) var activities: PerLayer<Matrix<Scalar>>
    /// `a₀ … a_{N−1}`.
    public private(set) var rates: PerLayer<Matrix<Scalar>>
    /// `φ′ₙ(hₙ)` of the hidden layers `1..<N`.
    public private(set) var slopes: PerLayer<Matrix<Scalar>>
    /// `∂ℓᵢ/∂hₙ` of each example for `n = 1…N`, not divided by `B`.
    public private(set) var errors: PerLayer<Matrix<Scalar>>

    /// Runs the feedforward and the backward pass.
    ///
    /// - Parameter kinkedUnits: units whose slope is given, because φ has no derivative there.
    /// - Parameter network: the network and its weights `θ`.
    /// - Parameter batch: inputs and targets.
    /// - Parameter loss: the loss `ℓ` of each example.
    /// - Precondition: network and batch fit; problems check it at the door.
    @specialized(where Scalar == Double)
    @specialized(where Scalar == Float)
    public init(
        network: Network<Scalar>, batch: Batch<Scalar>, loss: Loss,
        kinkedUnits: [KinkedUnit] = []
    ) {
        self.network = network
        self.batch = batch
        self.loss = loss
        let architecture = network.architecture
        activities = architecture.activities(examples: batch.size)
        rates = PerLayer(from: 0, [batch.inputs] + activities.dropLast())
        slopes = activities.dropLast()
        errors = activities
        for n in 0..<architecture.depth {
            network.predict(layer: n, rates: rates[n], into: &activities[n + 1])
            if n + 1 < architecture.depth {
                let activation = architecture.activation(ofLayer: n + 1)
                activation.evaluate(activities[n + 1], into: &rates[n + 1])
                activation.slope(activities[n + 1], into: &slopes[n + 1])
            }
        }
        for kinked in kinkedUnits {
            slopes[kinked.layer][kinked.unit, kinked.example] = Scalar(kinked.slope)
        }
        loss.gradient(logits, targets: batch.targets, into: &errors[architecture.depth])
        for n in architecture.hiddenLayers.reversed() {
            errors[n].assignProduct(
                network.parameters.layers[n], .transposed, errors[n + 1], width: architecture.widths[n])
            errors[n].multiply(elementwise: slopes[n])
        }
    }

    /// `h_N`, the outputs.
    public var logits: Matrix<Scalar> { activities[network.architecture.depth] }

    /// `L(θ)`, the mean loss of the batch.
    public var meanLoss: Scalar {
        loss.total(logits, targets: batch.targets) / Scalar(batch.size)
    }

    /// `∇L(θ)`: layer `n` is `1/B Σᵢ δₙ₊₁ āₙᵀ`.
    public func gradient() -> Parameters<Scalar> {
        var result = Parameters<Scalar>(uninitializedFor: network.architecture)
        for n in result.layers.indices {
            result.layers[n].assignOuterProduct(
                errors[n + 1], rates[n], hasBias: network.architecture.biases[n],
                scale: 1 / Scalar(batch.size))
        }
        return result
    }
}

extension Matrix {
    /// `self ← self ⊙ other`.
    @specialized(where Scalar == Double)
    @specialized(where Scalar == Float)
    package mutating func multiply(elementwise other: Matrix) {
        precondition(rows == other.rows && columns == other.columns, "\(shape) ⊙ \(other.shape)")
        let n = count
        withMutablePointer { x in
            other.withPointer { y in
                for i in 0..<n { x[i] *= y[i] }
            }
        }
    }

    /// `self ← scale · E Āᵀ + keep · self` with the bias column `scale · E 1` last, if there is one.
    @specialized(where Scalar == Double)
    @specialized(where Scalar == Float)
    package mutating func assignOuterProduct(
        _ errors: Matrix, _ rates: Matrix, hasBias: Bool, scale: Scalar, keep: Scalar = 0
    ) {
        let (height, width, examples) = (rows, rates.rows, errors.columns)
        precondition(height == errors.rows && columns == width + (hasBias ? 1 : 0))
        withMutablePointer { target in
            errors.withPointer { e in
                rates.withPointer { a in
                    if examples == 1 && keep == 0 {
                        // Written once, instead of cleared, read and written.
                        for j in 0..<width {
                            let factor = scale * a[j]
                            let column = target + j * height
                            for i in 0..<height { column[i] = factor * e[i] }
                        }
                    } else if examples == 1 && keep == 1 {
                        Scalar._ger(height, width, scale, e, a, target, height)
                    } else {
                        Scalar._gemm(
                            .none, .transposed, height, width, examples, scale, e, height, a,
                            Swift.max(1, width), keep, target, height)
                    }
                    guard hasBias else { return }
                    let bias = target + width * height
                    if keep == 0 {
                        bias.update(repeating: 0, count: height)
                    } else if keep != 1 {
                        Scalar._scal(height, keep, bias)
                    }
                    for i in 0..<examples { Scalar._axpy(height, scale, e + i * height, bias) }
                }
            }
        }
    }
}
