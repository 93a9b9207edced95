import ErrorTables
import Graphs
import Networks
import Testing
import Training
import TrainingStudies

/// What is changed in the examples, and that nothing else is.
@Suite("Variation of the examples")
struct ExampleVariationTests {
    private func data(_ variation: ExampleVariation?, training: Int? = 60, test: Int? = 30) throws -> TrainingData {
        try TrainingSource(
            .digits, trainingExamples: training, testExamples: test, variation: #require(variation)
        ).data()
    }

    private func labels(_ pairs: ExamplePairs) -> [Int] {
        (0..<pairs.count).map { j in (0..<pairs.targets.rows).first { pairs.targets[$0, j] == 1 } ?? -1 }
    }

    @Test func `inputs are scaled, of both parts, and targets are not`() throws {
        let (plain, scaled) = (try data(ExampleVariation.none), try data(ExampleVariation(inputScale: 0.25)))
        #expect(scaled.training.inputs.elements == plain.training.inputs.elements.map { $0 * 0.25 })
        #expect(scaled.test.inputs.elements == plain.test.inputs.elements.map { $0 * 0.25 })
        #expect(scaled.training.targets == plain.training.targets)
        #expect(plain.training.inputs.elements.contains { $0 != 0 })
    }

    @Test("Noise deals the labels of a share out among them, of the training examples only", arguments: [0.1, 0.5, 1])
    func noise(share: Double) throws {
        let plain = try data(ExampleVariation.none)
        let noisy = try data(ExampleVariation(labelNoise: share))
        let (before, after) = (labels(plain.training), labels(noisy.training))
        #expect(before.sorted() == after.sorted())
        let moved = zip(before, after).count { $0 != $1 }
        #expect(moved > 0)
        // Nine of ten dealt labels are others, give or take; beyond the share none is.
        #expect(moved <= Int((share * 60).rounded()))
        #expect(Double(moved) >= 0.6 * share * 60)
        #expect(noisy.training.inputs == plain.training.inputs)
        #expect(noisy.test.targets == plain.test.targets)
        #expect(try data(ExampleVariation(labelNoise: share)).fingerprint == noisy.fingerprint, "the same in every study")
    }

    @Test func `the first classes only, as many examples as were asked for`() throws {
        let few = try data(ExampleVariation(classes: 3), training: 50, test: 20)
        #expect(few.training.count == 50)
        #expect(few.test.count == 20)
        #expect(Set(labels(few.training)) == [0, 1, 2])
        #expect(Set(labels(few.test)) == [0, 1, 2])
        #expect(few.training.targets.rows == 10)
        #expect(throws: (any Error).self) { try data(ExampleVariation(classes: 3), training: 1000) }
        #expect(throws: StudyError.classes(requested: 11, available: 10)) { try data(ExampleVariation(classes: 11)) }
    }

    @Test func `images are padded for a graph, and the name of the data says it`() throws {
        let graph = try GraphArchitecture.paperNetwork(.relu)
        let source = try TrainingSource(for: graph, .digits, trainingExamples: 5, testExamples: 3)
        #expect(try source.storedName() == "digits padded=3x32x32")
        let (padded, plain) = (try source.data(), try data(ExampleVariation.none, training: 5, test: 3))
        #expect(padded.training.inputs.rows == 3072 && padded.test.count == 3)
        #expect(padded.training.targets == plain.training.targets)
        for j in 0..<5 {
            for place in 0..<3072 {
                let (row, column) = (place % 1024 / 32 - 12, place % 32 - 12)
                let isInside = (0..<8).contains(row) && (0..<8).contains(column)
                #expect(padded.training.inputs[place, j] == (isInside ? plain.training.inputs[row * 8 + column, j] : 0))
            }
        }
        let stored = try #require(TrainingSource(storedName: "digits padded=3x32x32", task: .classification))
        #expect(stored.variation == ExampleVariation(imageShape: [3, 32, 32]))
        for name in ["digits padded=3x32", "digits padded=3x32xa", "digits padded=3x032x32", "digits padded="] {
            #expect(TrainingSource(storedName: name, task: .classification) == nil, "\(name)")
        }
        // Images that a graph takes as they are stay so.
        let photographs = try TrainingSource(for: graph, .cifar10, directory: "/nowhere")
        #expect(photographs.variation == .none)
    }

    @Test func `data that do not fit a graph are refused`() throws {
        let graph = try GraphArchitecture.paperNetwork(.relu)
        #expect(throws: StudyError.graphOutput(expected: 3072, found: 10)) {
            try TrainingSource(for: graph, .cifar10, task: .autoencoder)
        }
        #expect(throws: StudyError.notForTraining(source: .gaussian)) { try TrainingSource(for: graph, .gaussian) }
        let maps = [MapDescription("flatten"), MapDescription("dense", ["weight": "w"])]
        func linear(_ shape: [Int], outputs: Int) throws -> GraphArchitecture {
            try GraphArchitecture(
                GraphDescription(
                    input: "x", inputShape: shape,
                    nodes: [NodeDescription(name: "o", activation: .identity, edges: [EdgeDescription(from: "x", maps)])],
                    output: "o"), tensors: ["w": [outputs, shape.reduce(1, *)]])
        }
        #expect(throws: StudyError.graphOutput(expected: 10, found: 9)) {
            try TrainingSource(for: try linear([1, 8, 8], outputs: 9), .digits)
        }
        #expect(throws: StudyError.graphInput(source: .digits, images: [8, 8], found: [1, 9, 8])) {
            try TrainingSource(for: try linear([1, 9, 8], outputs: 10), .digits)
        }
        for shape in [[64, 1], [1, 8, 8]] {
            let source = try? TrainingSource(for: try linear(shape, outputs: 10), .digits)
            #expect((source?.variation == ExampleVariation.none) == (shape == [1, 8, 8]))
        }
    }

    @Test func `what is none is refused`() {
        for variation in [
            ExampleVariation(inputScale: 0), ExampleVariation(inputScale: .infinity), ExampleVariation(inputScale: .nan),
            ExampleVariation(labelNoise: -0.1), ExampleVariation(labelNoise: 1.1), ExampleVariation(classes: 0),
            ExampleVariation(imageShape: [8, 8]), ExampleVariation(imageShape: [3, 0, 8]),
        ] { #expect(variation == nil) }
    }

    @Test func `results are stored under the variation's name`() throws {
        let variation = try #require(ExampleVariation(inputScale: 0.1, labelNoise: 0.25, classes: 2))
        let name = try TrainingSource(.digits, variation: variation).storedName()
        #expect(name == "digits inputs*0.1 noise=0.25 classes=2")
        #expect(TrainingSource(storedName: name, task: .classification)?.variation == variation)
        #expect(TrainingSource(storedName: "digits", task: .classification)?.variation == ExampleVariation.none)
        for other in ["digits inputs*0", "digits inputs*0.10", "digits noise=0.1 inputs*2", "digits x", "digits "] {
            #expect(TrainingSource(storedName: other, task: .classification) == nil, "\(other)")
        }
    }
}
