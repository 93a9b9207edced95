internal import CaseFiles
internal import Certificates
internal import ImplicitSGD
internal import LinearAlgebra
internal import Networks
internal import Documents

/// What rounding to F32 makes of an exact update in a file of new weights.
struct WrittenUpdate: Sendable {
    /// The implicit residual of the weights as they are written. Units that rounding takes off their kink have the
    /// slope of their side, so it can be large.
    let implicitResidual: Double
    /// How far rounding took the weights, relative to `‖Δ‖`.
    let lostPart: Double

    init(_ update: Parameters<Double>, in file: CaseFile, of problem: ProximalProblem, tolerance: Double) {
        let written = file.written(update, precision: .asInCase)
        let certificate = Certifier(tolerance: tolerance, examination: .firstOrder).certify(written, for: problem)
        implicitResidual = certificate.point?.implicitResidual ?? .infinity
        let lost = (written - update).norm
        lostPart = lost == 0 ? 0 : lost / update.norm
    }

    /// For a reader of the table.
    var note: String {
        func number(_ value: Double) -> String { NumberFormat.significant(2).string(value) }
        return """
            The file holds F32: rounding moved the new weights by \(number(lostPart)) of ‖Δ‖, and at the weights as \
            written the implicit residual is \(number(implicitResidual)). --output-type f64 keeps all digits.
            """
    }
}
