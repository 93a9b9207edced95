import ArgumentParser
import Files
import Foundation
import LinearAlgebra
import Documents

extension OutputFormat: NamedArgument {}

/// Where and how results are printed; the same for every subcommand.
struct OutputOptions: ParsableArguments {
    @Option(name: .long, help: "How results are printed.")
    var format: OutputFormat = .text

    @Flag(name: .long, help: "No progress on standard error.")
    var quiet = false

    /// Writes a document to standard output: as wide as `COLUMNS` says, or else the terminal, or else 100 columns;
    /// with bold and faint type only on a terminal, and not where `NO_COLOR` is set.
    ///
    /// - Throws: `FileError`.
    func write(_ document: Document) throws {
        let environment = ProcessInfo.processInfo.environment
        let columns = environment["COLUMNS"].flatMap { Int($0) }.flatMap { $0 > 0 ? $0 : nil }
        try StandardOutput.write(
            format.render(
                document, width: columns ?? StandardOutput.terminalColumns ?? 100,
                styled: StandardOutput.isTerminal && environment["NO_COLOR", default: ""].isEmpty))
    }

    /// Writes a result that has a JSON form of its own.
    ///
    /// - Throws: `FileError`, or what making the document throws.
    func write(_ document: @autoclosure () throws -> Document, json: @autoclosure () -> String) throws {
        if format == .json { try StandardOutput.write(json()) } else { try write(document()) }
    }

    func progress(_ label: String, total: Int) -> ProgressReporter {
        ProgressReporter(label, total: total, mode: .standardError(quiet: quiet))
    }
}

/// How much of the machine to use.
struct ThreadOptions: ParsableArguments {
    @Option(
        name: .long,
        help: ArgumentHelp(
            "Cases worked on at once; results do not depend on it.",
            discussion: "BLAS always uses one thread for each.", valueName: "count"))
    var threads: Int = ProcessInfo.processInfo.activeProcessorCount

    func validate() throws { try Bounds.check("--threads", threads, in: 1...) }

    /// Prepares the process for `threads` cases at once.
    func apply() {
        OneThread.apply()
    }
}

/// One BLAS thread for each case, whose number would otherwise multiply with the cases at work, a
/// kernel that suits the processor, and freed matrices kept for the next case.
enum OneThread {
    static func apply() {
        BLASLibrary.replaceOutdatedKernel()
        BLASLibrary.setThreads(1)
        MemoryAllocator.keepFreedMemory()
    }
}

/// The command line as it was given, for provenance.
var commandLineText: String {
    let arguments = CommandLine.arguments.dropFirst().map {
        $0.contains(" ") ? "'\($0)'" : $0
    }
    return (["verify-cli"] + arguments).joined(separator: " ")
}
