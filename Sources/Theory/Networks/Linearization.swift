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

    /// The unit without its slope.
    package var place: [Int] { [layer, unit, example] }
}

/// A network at one batch: the feedforward pass, the backward pass and what derivatives of the
/// mini-batch loss `L(θ) = 1/B Σ ℓᵢ` need of them.
///
/// One pass costs `2·B` operations a weight, the backward pass and the gradient twice that.
public struct Linearization<Scalar: BLASScalar>: Sendable {
    public let network: Network<Scalar>
    public let batch: Batch<Scalar>
    public let loss: Loss
    private var pass: Pass<Scalar>

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
        pass = Pass(network, inputs: batch.inputs)
        pass.runForward()
        pass.prepareBackward()
        pass.assignSlopes()
        for kinked in kinkedUnits {
            pass.slopes[kinked.layer][kinked.unit, kinked.example] = Scalar(kinked.slope)
        }
        pass.runBackward(loss, targets: batch.targets)
    }

    /// `h₁ … h_N`, each `dₙ × B`.
    public var activities: PerLayer<Matrix<Scalar>> { pass.activities }
    /// `a₀ … a_{N−1}`.
    public var rates: PerLayer<Matrix<Scalar>> { pass.rates }
    /// `φ′ₙ(hₙ)` of the hidden layers `1..<N`.
    public var slopes: PerLayer<Matrix<Scalar>> { pass.slopes }
    /// `∂ℓᵢ/∂hₙ` of each example for `n = 1…N`, not divided by `B`.
    public var errors: PerLayer<Matrix<Scalar>> { pass.errors }
    /// `h_N`, the outputs.
    public var logits: Matrix<Scalar> { pass.logits }

    /// `L(θ)`, the mean loss of the batch.
    public var meanLoss: Scalar {
        loss.total(logits, targets: batch.targets) / Scalar(batch.size)
    }

    /// `∇L(θ)`: layer `n` is `1/B Σᵢ δₙ₊₁ āₙᵀ`.
    public func gradient() -> Parameters<Scalar> {
        var result = Parameters<Scalar>(uninitializedFor: network.architecture)
        pass.assignGradient(to: &result)
        return result
    }
}

extension Linearization<Double> {
    /// `∇²L(θ) v`, by differentiating the two passes in the direction `v` (Pearlmutter 1994).
    ///
    /// About four times the cost of a feedforward pass. At kinks it is the Hessian of the network that is
    /// linear there with the given slopes.
    public func hessianVectorProduct(_ direction: Parameters<Double>) -> Parameters<Double> {
        var bends = pass.slopes
        for n in bends.indices {
            network.architecture.activation(ofLayer: n).curvature(activities[n], into: &bends[n])
            bends[n].multiply(elementwise: pass.feedback[n])
        }
        var tangents = TangentPass(pass)
        var result = Parameters<Double>(uninitializedFor: network.architecture)
        tangents.hessianProduct(
            direction, at: pass, bends: bends, loss, targets: batch.targets, into: &result)
        return result
    }
}
