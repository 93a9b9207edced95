import Foundation
import ImplicitSGD
import LinearAlgebra
import Networks
import Testing

import Theorems

/// The networks on which Coq proves that the claims fail: the survey's own measurements find them to be
/// counterexamples, with the numbers that the proofs give.
@Suite("Counterexamples of the proofs")
struct CounterexampleTests {
    /// The conditions of each claim that its network violates for certain, not by a tie.
    static let violated: [ClaimIdentifier: [String]] = [
        .closerThanBackpropagation: [
            "distance il-prox 25 × 0.015", "gap il-prox 25 × 0.015", "distance il-prox-equilibrium",
        ],
        .proximalCloserThanStandard: ["distance il-prox", "gap il-prox", "distance il-prox-equilibrium"],
        .inferenceLowersObjective: [
            "inference lowers P: il-prox, either start", "inference lowers P: il-prox, feedforward",
        ],
        .inferredActivitiesReached: ["il-prox, mini-batch 1", "il, mini-batch 1"],
        .awayFromNudging: ["differs by > 1 %: il-equilibrium", "differs by > 1 %: il"],
        .outputTowardTarget: ["more direct: il-equilibrium", "more direct: il"],
    ]

    @Test("The network of each page violates the conditions of its claim", arguments: Claim.all.filter { $0.identifier.refutation != nil })
    func violates(_ claim: Claim) throws {
        let measured = try claim.measurements(try networkCase(claim.identifier))
        let names = try #require(Self.violated[claim.identifier])
        for name in names {
            let condition = try #require(claim.conditions.first { $0.name == name }, "\(name)")
            #expect(condition.isHeld(measured) == false, "\(condition.words): \(measured)")
        }
    }

    @Test("Distances are those of the proofs of C1 and C2")
    func distances() throws {
        let size = (5.0 / 16).squareRoot()
        let exact: [String: Double] = [
            "distance bp": hypot(1 / 4, 1 / 32) / size, "distance il": hypot(1 / 4, 1 / 32) / size,
            "distance il-prox-equilibrium": hypot(1 / 4, 1 / 2 - 30.0 / 73) / size,
            "distance il-prox 25 × 0.015": hypot(1 / 4, 1 / 2 - 54.0 / 365) / size,
        ]
        let measured = try measurements(.closerThanBackpropagation)
        for (name, value) in exact { try expectClose(measured[name], value) }
        try expectClose(try measurements(.proximalCloserThanStandard)["distance il"], exact["distance il"])
    }

    @Test("The objective after inference is that of the proof of C3")
    func objectives() throws {
        // The hidden unit by the proof's recursion, the objective by its closed form.
        var a = 1.0
        for _ in 0..<25 { a *= 1 - 0.015 * (a * a - a + 2) / (1 + a * a) }
        let polynomial = 4 + 6 * a + 16 * pow(a, 2) + 10 * pow(a, 3) + 12 * pow(a, 4) - pow(a, 5) + pow(a, 6)
            + pow(a, 7) - pow(a, 8)
        let rise = a * (1 - a) * polynomial / (8 * pow(1 + a * a, 4))
        let measured = try measurements(.inferenceLowersObjective)
        try expectClose(measured["P ratio inference lowers P: il-prox, feedforward"], (5.0 / 4 + rise) / (5.0 / 4))
    }

    @Test("Activities are reached by half, or missed by twice, as in the proof of C4")
    func activities() throws {
        let measured = try measurements(.inferredActivitiesReached)
        try expectClose(measured["agreement il-prox, mini-batch 1"], 0.5)
        try expectClose(measured["agreement il, mini-batch 1"], 2)
        #expect(try #require(measured["agreement il-prox, ε = 0, mini-batch 1"]) < 1e-12)
    }

    @Test("Standard inference learning is backpropagation where C9 says so")
    func sameUpdate() throws {
        let measured = try measurements(.awayFromNudging)
        #expect(try #require(measured["nearness il"]) > 1e12)
        #expect(try #require(measured["nearness il-equilibrium"]) > 1e12)
    }

    @Test("Angles to the target are those of the proof of C10")
    func angles() throws {
        let measured = try measurements(.outputTowardTarget)
        let alpha = 8.0
        try expectClose(measured["angle bp"], atan(1 / (3 + 2 * alpha)))
        let (e, k) = (0.5, alpha / 2)
        let ratio = e * (e + k * (1 + e)) / (e + (1 + e) * (1 + k) * (2 - e))
        try expectClose(measured["angle il-equilibrium"], atan(ratio))
    }

    /// A few operations in double precision, and an exact update and an equilibrium to tolerances of 1e-10.
    private func expectClose(_ found: Double?, _ expected: Double?) throws {
        let (found, expected) = (try #require(found), try #require(expected))
        #expect(abs(found - expected) <= 1e-9 * (1 + abs(expected)), "\(found), \(expected)")
    }

    private func measurements(_ identifier: ClaimIdentifier) throws -> [String: Double] {
        let claim = try #require(Claim.all.first { $0.identifier == identifier })
        return try claim.measurements(try networkCase(identifier))
    }

    /// The network that the claim's page states: one linear hidden unit, no biases, squared error.
    private func networkCase(_ identifier: ClaimIdentifier) throws -> NetworkCase {
        let root = URL(filePath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
            .deletingLastPathComponent().deletingLastPathComponent()
        let page = try String(contentsOf: root.appending(path: "Proofs/\(identifier.stem).md"), encoding: .utf8)
        let line = try #require(page.firstMatch(of: /```text\n(x = .*)\n```/), "no network on the page")
        var numbers: [String: [Double]] = [:]
        for part in line.1.split(separator: ";") {
            let sides = part.split(separator: "=").map { $0.trimmingCharacters(in: .whitespaces) }
            numbers[sides[0]] = try sides[1].split(separator: ",").map { text in
                let fraction = try text.split(separator: "/").map {
                    try #require(Double($0.trimmingCharacters(in: .whitespaces)))
                }
                return fraction.count == 2 ? fraction[0] / fraction[1] : fraction[0]
            }
        }
        func column(_ name: String) throws -> Matrix<Double> { Matrix(column: try #require(numbers[name])) }
        let network = try Network(
            architecture: Architecture(
                widths: [1, 1, try column("y").rows], activation: .identity, bias: false),
            parameters: Parameters(layers: [try column("W0"), try column("W1")]))
        return NetworkCase(
            problem: try ProximalProblem(
                network: network, batch: Batch(inputs: try column("x"), targets: try column("y")),
                loss: .squaredError, learningRate: try column("alpha")[0, 0]))
    }
}
