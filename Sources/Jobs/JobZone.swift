// The zone of a job as its whole process's: what its script's os.date and os.time mean by local time.

package import Cron
import Glibc

package enum JobZone {
    /// Makes a zone this process's own. The C library then answers for it, daylight saving included.
    ///
    /// Called before anything of the run begins: no other thread reads the environment yet.
    package static func take(_ zone: Zone) {
        setenv("TZ", zone.name, 1)
        tzset()
    }
}
