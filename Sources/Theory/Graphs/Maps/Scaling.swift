package import LinearAlgebra

/// A multiple of the rates: `y = cx`.
package struct Scaling: FixedMap {
    package static let kind = "scale"
    package let target: ActivityShape
    private let factor: Double

    package init(_ settings: inout MapSettings, source: ActivityShape) throws(GraphError) {
        factor = try settings.number("factor")
        target = source
    }

    package func apply(_ source: Matrix<Double>) -> Matrix<Double> { factor * source }
    package func pullBack(_ errors: Matrix<Double>) -> Matrix<Double> { factor * errors }
    package func applyMagnitudes(_ source: Matrix<Double>) -> Matrix<Double> { abs(factor) * source }
}
