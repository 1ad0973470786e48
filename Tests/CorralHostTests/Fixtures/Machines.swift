import CorralHost

/// The files of machines of several shapes, as their kernels wrote them; figures a test
/// does not need are left out.
enum Machines {
    /// A virtual machine with both hierarchies, the memory controller in version 1,
    /// no limit and no swap (kernel 6.18).
    static let hybrid: [String: String] = [
        "/proc/meminfo": """
        MemTotal:       24684084 kB
        MemFree:        21267552 kB
        MemAvailable:   23101788 kB
        Buffers:           90792 kB
        Cached:          1818504 kB
        SwapCached:            0 kB
        SwapTotal:             0 kB
        SwapFree:              0 kB
        Shmem:              8872 kB
        SReclaimable:     233820 kB
        HugePages_Total:       0

        """,
        "/proc/self/cgroup": """
        9:name=systemd:/
        5:devices:/
        4:memory:/service/16d7f6e1
        1:cpu:/
        0::/

        """,
        "/proc/self/mountinfo": """
        31 23 0:28 / /sys/fs/cgroup rw,relatime - tmpfs tmpfs rw,mode=755
        32 31 0:29 / /sys/fs/cgroup/cpu rw,relatime - cgroup cgroup rw,cpu
        35 31 0:32 / /sys/fs/cgroup/memory rw,relatime - cgroup cgroup rw,memory
        40 31 0:37 / /sys/fs/cgroup/systemd rw,relatime - cgroup cgroup rw,name=systemd
        41 31 0:38 / /sys/fs/cgroup/unified rw,relatime - cgroup2 cgroup2 rw

        """,
        "/proc/pressure/memory": """
        some avg10=0.00 avg60=0.00 avg300=0.00 total=0
        full avg10=0.00 avg60=0.00 avg300=0.00 total=0

        """,
        "/sys/fs/cgroup/memory/service/16d7f6e1/memory.limit_in_bytes": "9223372036854771712\n",
        "/sys/fs/cgroup/memory/service/16d7f6e1/memory.usage_in_bytes": "328241152\n",
        "/sys/fs/cgroup/memory/service/16d7f6e1/memory.stat": """
        cache 325279744
        rss 1699840
        inactive_file 214536192
        active_file 110743552
        hierarchical_memory_limit 9223372036854771712
        total_inactive_file 214536192
        total_active_file 110743552

        """,
        "/sys/fs/cgroup/memory/service/memory.limit_in_bytes": "9223372036854771712\n",
        "/sys/fs/cgroup/memory/memory.limit_in_bytes": "9223372036854771712\n",
        "/sys/fs/cgroup/unified/memory.pressure": """
        some avg10=0.00 avg60=0.00 avg300=0.00 total=0

        """,
    ]

    /// A container with a control-group namespace on a 64 GiB machine, limited to
    /// 32 GiB, after a 25 GiB model file was downloaded in it.
    static let container: [String: String] = [
        "/proc/meminfo": """
        MemTotal:       65780000 kB
        MemFree:        20000000 kB
        MemAvailable:   58000000 kB
        SwapTotal:       8388604 kB
        SwapFree:        8000000 kB

        """,
        "/proc/self/cgroup": "0::/\n",
        "/proc/self/mountinfo": """
        1014 1003 0:30 / /sys/fs/cgroup ro,nosuid,nodev,noexec,relatime - cgroup2 cgroup rw

        """,
        "/sys/fs/cgroup/memory.max": "34359738368\n",
        "/sys/fs/cgroup/memory.high": "max\n",
        "/sys/fs/cgroup/memory.current": "27584430080\n",
        "/sys/fs/cgroup/memory.stat": """
        anon 500000000
        file 26876000000
        shmem 1000000
        inactive_anon 400000000
        active_anon 101000000
        inactive_file 26000000000
        active_file 875000000
        slab_reclaimable 100000000
        slab_unreclaimable 8000000

        """,
        "/sys/fs/cgroup/memory.pressure": """
        some avg10=12.50 avg60=3.00 avg300=1.00 total=99999
        full avg10=10.00 avg60=2.00 avg300=0.50 total=88888

        """,
        "/proc/pressure/memory": """
        some avg10=1.25 avg60=0.50 avg300=0.10 total=12345
        full avg10=0.00 avg60=0.00 avg300=0.00 total=0

        """,
    ]

    /// A desktop whose user service is limited at two levels of its session.
    static let session: [String: String] = [
        "/proc/meminfo": "MemTotal: 16000000 kB\nMemAvailable: 9000000 kB\n",
        "/proc/self/cgroup":
            "0::/user.slice/user-1000.slice/user@1000.service/app.slice/corral.service\n",
        "/proc/self/mountinfo": """
        26 25 0:23 / /sys/fs/cgroup rw,nosuid,nodev,noexec,relatime shared:9 - cgroup2 cgroup2 rw,nsdelegate

        """,
        "/sys/fs/cgroup/user.slice/memory.max": "max\n",
        "/sys/fs/cgroup/user.slice/user-1000.slice/memory.max": "8000000000\n",
        "/sys/fs/cgroup/user.slice/user-1000.slice/memory.high": "max\n",
        "/sys/fs/cgroup/user.slice/user-1000.slice/memory.current": "7000000000\n",
        "/sys/fs/cgroup/user.slice/user-1000.slice/memory.stat":
            "inactive_file 1000000000\nactive_file 500000000\nslab_reclaimable 0\n",
        "/sys/fs/cgroup/user.slice/user-1000.slice/user@1000.service/app.slice/corral.service/memory.max":
            "max\n",
        "/sys/fs/cgroup/user.slice/user-1000.slice/user@1000.service/app.slice/corral.service/memory.high":
            "6000000000\n",
        "/sys/fs/cgroup/user.slice/user-1000.slice/user@1000.service/app.slice/corral.service/memory.current":
            "1000000000\n",
        "/sys/fs/cgroup/user.slice/user-1000.slice/user@1000.service/app.slice/corral.service/memory.stat":
            "inactive_file 0\nactive_file 0\nslab_reclaimable 0\n",
    ]

    /// A container of an older engine: version 1, no namespace, so the group is named
    /// as the host sees it while the mount shows it at its root; the pod above, which
    /// cannot be seen, has the smaller limit.
    static let legacyContainer: [String: String] = [
        "/proc/meminfo": "MemTotal: 32000000 kB\nMemAvailable: 30000000 kB\n",
        "/proc/self/cgroup": """
        11:cpu,cpuacct:/docker/4fd2
        4:memory:/docker/4fd2
        1:name=systemd:/docker/4fd2

        """,
        "/proc/self/mountinfo": """
        700 690 0:29 /docker/4fd2 /sys/fs/cgroup/cpu,cpuacct ro - cgroup cgroup rw,cpu,cpuacct
        704 690 0:33 /docker/4fd2 /sys/fs/cgroup/memory ro,nosuid master:17 - cgroup cgroup rw,memory

        """,
        "/sys/fs/cgroup/memory/memory.limit_in_bytes": "8589934592\n",
        "/sys/fs/cgroup/memory/memory.usage_in_bytes": "3000000000\n",
        "/sys/fs/cgroup/memory/memory.stat": """
        inactive_file 1
        active_file 1
        hierarchical_memory_limit 4294967296
        total_inactive_file 1500000000
        total_active_file 500000000

        """,
    ]

    /// A workstation with an AMD card of 16 GiB and an APU with a 512 MiB carve-out.
    static let amd: [String: String] = [
        "/proc/meminfo": "MemTotal: 64000000 kB\nMemAvailable: 60000000 kB\n",
        "/sys/class/drm/card0-DP-1/status": "connected\n",
        "/sys/class/drm/card2/device/vendor": "0x1002\n",
        "/sys/class/drm/card2/device/device": "0x164e\n",
        "/sys/class/drm/card2/device/mem_info_vram_total": "536870912\n",
        "/sys/class/drm/card2/device/mem_info_vram_used": "30000000\n",
        "/sys/class/drm/card2/device/mem_info_gtt_total": "32768000000\n",
        "/sys/class/drm/card10/device/vendor": "0x1002\n",
        "/sys/class/drm/card10/device/device": "0x744c\n",
        "/sys/class/drm/card10/device/product_name": "Radeon RX 7800 XT\n",
        "/sys/class/drm/card10/device/gpu_metrics": "\u{78}\u{00}\u{01}\u{03}",
        "/sys/class/drm/card10/device/mem_info_vram_total": "17163091968\n",
        "/sys/class/drm/card10/device/mem_info_vram_used": "163091968\n",
        "/sys/class/drm/card10/device/mem_info_gtt_total": "32768000000\n",
        "/sys/class/drm/version": "drm 1.1.0 20060810\n",
    ]

    /// The reader of a machine.
    static func memory(_ files: [String: String]) -> SystemMemory {
        SystemMemory(.linux(LinuxSource(files: FileTree(files))))
    }
}
