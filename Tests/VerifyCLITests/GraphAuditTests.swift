import DataSets
import Foundation
import LinearAlgebra
import Testing

/// `audit` of steps on a case whose network is a graph.
struct GraphAuditTests {
    private static func audit(
        _ update: [Double], _ arguments: [String] = [], _ type: Safetensors.ElementType = .float64
    ) throws -> [String: Any] {
        let workspace = try Workspace()
        let metadata = ["network": ConvolutionFixture.network]
        let path = try workspace.write(ConvolutionFixture.tensors, metadata: metadata)
        try workspace.write(ConvolutionFixture.moved(by: update, type), "after.safetensors", metadata: metadata)
        let run = try Executable.run(["audit", path, "after.safetensors", "--format", "json"] + arguments, in: workspace)
        #expect(run.status == 0, "\(run.errors)")
        return try run.object()
    }

    private static func times(_ factor: Double, _ vector: [Double]) -> [Double] { vector.map { factor * $0 } }

    @Test("explicit SGD, also where its α is not given", arguments: [nil, "0.05", "1"], [Safetensors.ElementType.float64, .float32])
    func explicit(alpha: String?, type: Safetensors.ElementType) throws {
        let object = try Self.audit(
            Self.times(-0.05, ConvolutionFixture.gradient()), alpha.map { ["--alpha", $0] } ?? [], type)
        #expect(object["verdict"] as? String == "explicit")
        #expect(abs(try #require(object["verdictAlpha"] as? Double) - 0.05) < 1e-5)
    }

    @Test("the exact implicit update, by its closed form", arguments: [0.1, 1, 30])
    func implicit(alpha: Double) throws {
        let object = try Self.audit(ConvolutionFixture.closedForm(alpha: alpha), ["--alpha", "\(alpha)"])
        #expect(object["verdict"] as? String == "implicit")
        #expect(abs(try #require(object["verdictAlpha"] as? Double) / alpha - 1) < 1e-6)
        let result = try #require((object["results"] as? [[String: Any]])?.first)
        #expect(try #require(result["implicitDistance"] as? Double) < 1e-9)
        #expect(abs(try #require(result["proximalGap"] as? Double)) < 1e-9)
        #expect((result["rules"] as? [String: Any])?.keys.sorted() == ["dfc", "il", "il-prox", "paper-conv"])
    }

    @Test func `a step of the wrong sign, and one with weight decay`() throws {
        let gradient = try ConvolutionFixture.gradient()
        let ascent = try Self.audit(Self.times(0.1, gradient))
        #expect(ascent["verdict"] as? String == "ascent")
        let weights = ConvolutionFixture.tensors[0].values + ConvolutionFixture.tensors[1].values
        let decayed = try Self.audit(zip(gradient, weights).map { -0.1 * ($0 + 0.1 * $1) })
        #expect(decayed["verdict"] as? String == "explicit-with-decay")
        let terms = try #require(decayed["verdictTerms"] as? [String: Double])
        #expect(abs(try #require(terms["weight decay"]) - 0.1) < 1e-9, "\(terms)")
    }

    @Test func `a bias that did not move is named`() throws {
        var update = Self.times(-0.1, try ConvolutionFixture.gradient())
        update[16] = 0
        update[17] = 0
        let object = try Self.audit(update)
        #expect(object["verdict"] as? String == "explicit")
        #expect(object["heldFixed"] as? [String] == ["b"])
    }

    @Test func `noise is neither`() throws {
        let gradient = try ConvolutionFixture.gradient()
        let update = gradient.indices.map { -0.1 * gradient[$0] + 0.3 * sin(1.3 * Double($0)) }
        #expect(try Self.audit(update)["verdict"] as? String == "neither")
    }
}
