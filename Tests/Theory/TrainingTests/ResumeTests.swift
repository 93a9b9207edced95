import LearningRules
import Randomness
import Testing
import Training

@Suite("Interrupted runs end with the same bits")
struct ResumeTests {
    @Test(
        "Training, every rule", arguments: RuleRegistry.builtIn.trainingRules, TrainingPrecision.allCases)
    func training(_ rule: TrainingRule, precision: TrainingPrecision) throws {
        let data = try randomData()
        let configuration = smallConfiguration(
            rule.entry, rule.optimizer, batchSize: 2, precision: precision, iterations: 23)
        var whole = try TrainingRun(configuration, data: data)
        let expected = try whole.advance(iterations: 23)
        #expect(whole.isFinished && expected.count == 5)

        var generator = RandomGenerator(seed: 11)
        var run = try TrainingRun(configuration, data: data)
        var found: [TrainingMeasurement] = []
        while !run.isFinished {
            found += try run.advance(iterations: Int(generator.next(below: 7)))
            run = try TrainingRun(configuration, data: data, checkpoint: run.checkpoint())
        }
        #expect(found == expected)
        #expect(run.checkpoint() == whole.checkpoint())
    }

    @Test("Trajectories")
    func trajectory() throws {
        let data = try randomData()
        let configuration = smallConfiguration(.proximalInferenceLearning, iterations: 11)
        var whole = try TrajectoryRun(configuration, data: data)
        let expected = try whole.advance(iterations: 11)
        var generator = RandomGenerator(seed: 12)
        var run = try TrajectoryRun(configuration, data: data)
        var found: [TrajectoryMeasurement] = []
        while !run.isFinished {
            found += try run.advance(iterations: Int(generator.next(below: 5)))
            run = try TrajectoryRun(configuration, data: data, checkpoint: run.checkpoint())
        }
        #expect(found == expected)
        #expect(run.checkpoint() == whole.checkpoint())
    }

    @Test("A checkpoint between two slices does not disturb the run that made it")
    func copies() throws {
        let data = try randomData()
        let configuration = smallConfiguration(.inferenceLearning, .adam)
        var run = try TrainingRun(configuration, data: data)
        _ = try run.advance(iterations: 5)
        let copy = run
        let checkpoint = run.checkpoint()
        _ = try run.advance(iterations: 5)
        #expect(copy.checkpoint() == checkpoint)
        #expect(run.checkpoint() != checkpoint)
    }
}
