public import LinearAlgebra

/// A network: an architecture with weights of its shape, all finite.
public struct Network<Scalar: BLASScalar>: Sendable, Equatable {
    public let architecture: Architecture
    /// The weights. Their shapes are checked when the network is made; training changes them in place.
    public package(set) var parameters: Parameters<Scalar>

    /// A network from its weights.
    ///
    /// - Throws: `layerCount`, `weightShape`, `notFinite`.
    public init(
        architecture: Architecture, parameters: Parameters<Scalar>
    ) throws(NetworkError) {
        guard parameters.layers.count == architecture.depth else {
            throw .layerCount(
                what: "weight matrices", expected: architecture.depth,
                found: parameters.layers.count)
        }
        for (n, weights) in parameters.layers.enumerated() {
            let layer = architecture.weightLayers[n]
            let (rows, columns) = (layer.weightRows, layer.weightColumns)
            guard weights.rows == rows, weights.columns == columns else {
                throw .weightShape(layer: n, expected: "\(rows)×\(columns)", found: weights.shape)
            }
            guard weights.isFinite() else { throw .notFinite(tensor: "weights of layer \(n)") }
        }
        self.architecture = architecture
        self.parameters = parameters
    }

    /// The network after the update `parameters + scale · update`.
    ///
    /// - Precondition: `update` has this network's shapes.
    public func updated(
        by update: Parameters<Scalar>, scaledBy scale: Scalar = 1
    ) -> Network {
        var result = self
        result.parameters.add(update, scaledBy: scale)
        return result
    }

    /// Applies an update in place.
    public mutating func apply(_ update: Parameters<Scalar>) {
        parameters.add(update)
    }

    /// The same network in another precision.
    public func converted<Target: BLASScalar>(to type: Target.Type) -> Network<Target> {
        Network<Target>(
            drawn: architecture, parameters: parameters.converted(to: type))
    }

    /// For weights whose shapes and finiteness are known by construction.
    init(drawn architecture: Architecture, parameters: Parameters<Scalar>) {
        self.architecture = architecture
        self.parameters = parameters
    }

    /// `prediction ← Wₙāₙ` for the rates of layer `n`, without forming `ā`.
    @specialized(where Scalar == Double)
    @specialized(where Scalar == Float)
    package func predict(
        layer n: Int, rates: Matrix<Scalar>, into prediction: inout Matrix<Scalar>
    ) {
        architecture.weightLayers[n].predict(rates, weights: parameters.layers[n], into: &prediction)
    }

    /// The logits of every column of `inputs`.
    @specialized(where Scalar == Double)
    @specialized(where Scalar == Float)
    public func logits(_ inputs: Matrix<Scalar>) -> Matrix<Scalar> {
        var pass = Pass(self, inputs: inputs)
        pass.runForward()
        return pass.logits
    }
}
