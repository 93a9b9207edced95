import Foundation

/// A photograph of CIFAR-10's size and of one colour.
struct Photograph {
    let label: UInt8
    let red: UInt8
    let green: UInt8
    let blue: UInt8

    /// A record of CIFAR-10's binary version: the label, then the planes of 32×32 bytes.
    var record: Data {
        [red, green, blue].reduce(Data([label])) { $0 + Data(repeating: $1, count: 32 * 32) }
    }
}

extension Workspace {
    /// Writes CIFAR-10's six binary batches, all with the same `count` photographs, into a directory of the workspace.
    func writePhotographs(count: Int, in folder: String = ".", _ photograph: (Int) -> Photograph) throws {
        let target = directory.appendingPathComponent(folder)
        try FileManager.default.createDirectory(at: target, withIntermediateDirectories: true)
        let batch = (0..<count).reduce(Data()) { $0 + photograph($1).record }
        for file in (1...5).map({ "data_batch_\($0).bin" }) + ["test_batch.bin"] {
            try batch.write(to: target.appendingPathComponent(file))
        }
    }
}
