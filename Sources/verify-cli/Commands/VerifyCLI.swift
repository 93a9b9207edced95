import ArgumentParser
import ErrorTables
import Files
import Foundation

/// The command line of the toolkit: one file for each subcommand.
@main
struct VerifyCLI: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "verify-cli",
        abstract: "How close are learning rules to implicit SGD? Exact updates, with certificates.",
        discussion: """
            Implicit SGD moves the weights to θ⁺ = argmin L(θ) + ‖θ − θ_b‖²/(2α). This program solves \
            that problem to tolerance, certifies the solution by its implicit residual \
            ‖Δ + α∇L(θ⁺)‖/‖Δ‖, and measures how far the updates of backpropagation (bp), inference \
            learning (il, il-prox, …) and your own training step are from it.

            Begin with 'verify-cli table'. It needs no data set.

            Results go to standard output, everything else to standard error. Exit codes: 0 success, 1 a theorem fails, \
            64 wrong usage, 65 bad data, 69 a program that a chart or report needs is missing, 70 a solve that did not reach its tolerance, \
            74 a result that could not be written, \
            75 a study with runs missing.
            """,
        version: RunProvenance.version,
        subcommands: [
            TableCommand.self, ProxCommand.self, CompareCommand.self, AuditCommand.self,
            TheoremsCommand.self, ReportCommand.self, BenchCommand.self,
            StabilityCommand.self, ConvergenceCommand.self, AutoencoderCommand.self,
            TrajectoryCommand.self, LadderCommand.self, SlackCommand.self, PhaseCommand.self, PaperNetworkCommand.self, ResultsCommand.self,
        ],
        defaultSubcommand: nil)

    static func main() {
        StandardStreams.prepare()
        let code: ExitCode
        do {
            code = try outcome()
        } catch {
            if error.isClosedStandardOutput { StandardStreams.endByClosedPipe() }
            report("Error: \(error)")
            code = .unwritten
        }
        Foundation.exit(code.rawValue)
    }

    /// Runs the command that the arguments name. Help and the argument parser's messages go the same way as
    /// results and other messages, so that none is lost unseen.
    private static func outcome() throws(FileError) -> ExitCode {
        do {
            var command = try parseAsRoot()
            try command.run()
            return .success
        } catch let error as FileError where error.isOfOutput {
            throw error
        } catch {
            let code = exitCode(for: error)
            let text = fullMessage(for: error)
            if !text.isEmpty {
                if code == .success { try StandardOutput.write(text + "\n") } else { report(text) }
            }
            return code
        }
    }
}
