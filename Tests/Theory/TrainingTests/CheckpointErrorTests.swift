import Foundation
import Randomness
import LearningRules
import Testing
import Training

@Suite("Checkpoints that cannot be continued")
struct CheckpointErrorTests {
    static func example() throws -> (TrainingConfiguration, TrainingData, Data) {
        let data = try randomData()
        let configuration = smallConfiguration(.inferenceLearning, .adam, precision: .single)
        var run = try TrainingRun(configuration, data: data)
        _ = try run.advance(iterations: 7)
        return (configuration, data, run.checkpoint())
    }

    @Test("Every truncation and every changed byte is an error")
    func damaged() throws {
        let (configuration, data, checkpoint) = try Self.example()
        var generator = RandomGenerator(seed: 1)
        for length in [0, 1, 7, 8, 15, 23, 24, 31, 40] + (0..<40).map({ _ in
            Int(generator.next(below: UInt64(checkpoint.count)))
        }) {
            #expect(throws: TrainingError.self) {
                try TrainingRun(configuration, data: data, checkpoint: checkpoint.prefix(length))
            }
        }
        for _ in 0..<200 {
            var bytes = checkpoint
            bytes[Int(generator.next(below: UInt64(bytes.count)))] ^=
                UInt8(1 << generator.next(below: 8))
            #expect(throws: TrainingError.self) {
                try TrainingRun(configuration, data: data, checkpoint: bytes)
            }
        }
        #expect(throws: TrainingError.checkpoint(.corrupted)) {
            try TrainingRun(configuration, data: data, checkpoint: checkpoint + Data([0]))
        }
    }

    @Test("The error says what is wrong")
    func kinds() throws {
        let (configuration, data, checkpoint) = try Self.example()
        func failure(
            _ configuration: TrainingConfiguration, _ data: TrainingData, _ bytes: Data
        ) -> CheckpointError? {
            do {
                _ = try TrainingRun(configuration, data: data, checkpoint: bytes)
                return nil
            } catch .checkpoint(let error) {
                return error
            } catch {
                return nil
            }
        }
        #expect(failure(configuration, data, checkpoint) == nil)
        #expect(failure(configuration, data, Data("SQLite format 3".utf8)) == .notACheckpoint)
        var newer = checkpoint
        newer[8] = 9
        #expect(failure(configuration, data, newer) == .version(found: 9))
        #expect(
            failure(configuration, data, checkpoint.dropLast(5))
                == .truncated(expected: checkpoint.count, found: checkpoint.count - 5))
        var other = configuration
        other.seed += 1
        #expect(failure(other, data, checkpoint) == .otherConfiguration)
        #expect(failure(configuration, try randomData(seed: 6), checkpoint) == .otherData)
        let trajectory = try TrajectoryRun(
            smallConfiguration(.inferenceLearning), data: data
        ).checkpoint()
        #expect(failure(configuration, data, trajectory) == .otherKind)
        // A slice of a larger buffer reads as well as the buffer.
        #expect(failure(configuration, data, (Data([1, 2, 3]) + checkpoint).dropFirst(3)) == nil)
    }

    @Test("Configurations out of range and data that do not fit")
    func invalid() throws {
        let data = try randomData()
        func expectError(_ change: (inout TrainingConfiguration) -> Void) {
            var configuration = smallConfiguration(.inferenceLearning)
            change(&configuration)
            #expect(throws: TrainingError.self) { try TrainingRun(configuration, data: data) }
        }
        expectError { $0.learningRate = 0 }
        expectError { $0.learningRate = .nan }
        expectError { $0.batchSize = 0 }
        expectError { $0.batchSize = 18 }
        expectError { $0.iterations = -1 }
        expectError { $0.evaluateEvery = 0 }
        expectError { $0.compareEvery = -1 }
        expectError { $0.widths = [6] }
        expectError { $0.widths = [5, 8, 3] }
        expectError { $0.widths = [6, 8, 4] }
        expectError { $0.trainingExamples = 16 }
        expectError { $0.testExamples = 10 }
        expectError { $0.constants.steps = -1 }
        expectError { $0.constants.epsilon = .infinity }
        expectError { $0.adam.squareDecay = 1 }
        expectError { $0.solverTolerance = 0 }
        #expect(throws: TrainingError.self) {
            try TrainingData(
                training: data.training,
                test: ExamplePairs(inputs: data.test.targets, targets: data.test.targets),
                task: .classification)
        }
    }

    @Test("The canonical form tells configurations apart and survives decoding")
    func canonical() throws {
        let configuration = smallConfiguration(.proximalInferenceLearning)
        let json = try configuration.canonicalJSON()
        #expect(
            try JSONDecoder().decode(TrainingConfiguration.self, from: json) == configuration)
        var other = configuration
        other.constants.standardOutput = .nudged(strength: 0.5)
        #expect(try other.canonicalJSON() != json)
    }
}
