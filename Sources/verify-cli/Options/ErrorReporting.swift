import ArgumentParser
import Audits
import CaseFiles
import Charts
import Files
import ImplicitSGD
import RunStore

/// The exit codes of the program besides success (0) and wrong usage (64, by the argument parser).
extension ExitCode {
    /// Bad data: a file or value that cannot be used (`EX_DATAERR`).
    static let badData = ExitCode(65)
    /// A program of another package that is missing or fails (`EX_UNAVAILABLE`).
    static let unavailable = ExitCode(69)
    /// A solve that did not reach its tolerance (`EX_SOFTWARE`).
    static let unsolved = ExitCode(70)
    /// A result that could not be written, to standard output or to a file (`EX_IOERR`).
    static let unwritten = ExitCode(74)
    /// Runs of a study are still missing: run or submit it again (`EX_TEMPFAIL`).
    static let incomplete = ExitCode(75)
}

/// Writes a line to standard error.
func report(_ message: String) { StandardError.write(message + "\n") }

/// Runs `body` and turns its errors into messages and exit codes.
///
/// What a solver cannot take ends with 70, an option that does not fit the file with 64, a missing
/// tool with 69, output that cannot be written with 74 (if it is a `FileError`, in `VerifyCLI.main`,
/// because that can happen anywhere); every other error, unless it is the argument parser's own, is bad data, 65.
///
/// - Parameter path: the case whose solve `body` is about, for messages that cannot know it.
func reportingBadData<Result>(
    _ path: String? = nil, _ body: () throws -> Result
) throws -> Result {
    do {
        return try body()
    } catch let error as ExitCode {
        throw error
    } catch let error as ValidationError {
        throw error
    } catch let error as CaseFileError where error.isOfOptions {
        throw ValidationError(error.description)
    } catch let error as SplitError {
        throw ValidationError("--split: \(error).")
    } catch let error as FileError where error.isOfOutput {
        throw error
    } catch let error as StoreError where error.isOfOutput {
        report("Error: \(error)")
        throw ExitCode.unwritten
    } catch let error as ExternalToolError {
        report("Error: \(error).")
        throw ExitCode.unavailable
    } catch {
        guard let error = error as? SolveError else {
            report("Error: \(error)")
            throw ExitCode.badData
        }
        report("Error: \(path.map { "\($0): " } ?? "")\(error)")
        if !error.isBadData { throw ExitCode.unsolved }
        throw ExitCode.badData
    }
}

extension SolveError {
    /// Whether the numbers themselves are to blame, and not what the solver can do.
    fileprivate var isBadData: Bool {
        if case .notFinite = self { true } else { false }
    }
}

extension CaseFileError {
    /// Whether another option, and not another file, would mend it.
    fileprivate var isOfOptions: Bool {
        switch self {
        case .activationCount, .activationUnknown, .activationOfGraph, .graphForChain: true
        default: false
        }
    }
}

extension StoreError {
    /// Whether results could not be stored.
    fileprivate var isOfOutput: Bool {
        if case .unwritable = self { true } else { false }
    }
}
