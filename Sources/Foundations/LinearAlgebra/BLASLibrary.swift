internal import CLAPACKE

/// The BLAS implementation behind this library, for provenance lines, and its thread count.
///
/// OpenBLAS is not stable in the last bits between thread counts or core types, so a result is
/// reproducible to the bit only with both of them equal; state them with every result.
public enum BLASLibrary {
    /// The build of OpenBLAS and the kernel that it chose, e.g. `OpenBLAS 0.3.21 (SkylakeX)`.
    public static var name: String {
        let configuration = String(cString: openblas_get_config())
        let version = configuration.split(separator: " ").prefix(2).joined(separator: " ")
        return "\(version) (\(kernel))"
    }

    /// The number of threads that OpenBLAS uses for one call.
    public static var threads: Int {
        Int(openblas_get_num_threads())
    }

    /// Sets the number of threads of one call; values below 1 count as 1.
    ///
    /// The setting belongs to the process: set it once, at the start.
    public static func setThreads(_ count: Int) {
        openblas_set_num_threads(Int32(clamping: max(1, count)))
    }
}

/// The process's memory allocator.
public enum MemoryAllocator {
    /// Keeps freed memory for reuse instead of returning it to the kernel page by page.
    ///
    /// The setting belongs to the process; a program that solves many problems makes it once, at the
    /// start, and saves about a fifth of its time. No effect outside glibc.
    public static func keepFreedMemory() {
        keep_freed_memory()
    }
}
