// The sections on how the machine is used: load profile, headroom, file systems, containers, connections. A part of english.ts.

export const useTexts = {
  /** What a machine has to give, wherever its use is compared with what there is. */
  resources: {
    cpu: "CPU",
    memory: "Memory",
    disk: (name: string) => `Disk ${name}`,
    received: (name: string) => `${name} received`,
    sent: (name: string) => `${name} sent`,
  },
  profile: {
    title: "Load profile",
    hours: (hours: string, zone: string) => `Business hours are ${hours}, ${zone}.`,
    phrases: {
      business: "in business hours",
      night: "at night",
      weekend: "at a weekend",
    },
    onePeriod: (duration: string, phrase: string) =>
      `The capture of ${duration} was taken ${phrase}: it does not show how they differ from other times.`,
    noPeriod: (duration: string) => `The capture of ${duration} says nothing of them.`,
    compare: (label: string, { day, rest, other }: { day: string; rest: string; other: string }) =>
      `${label} was in use ${day} in business hours on average and ${rest} ${other}`,
    byDay: "the machine follows people's working day",
    byNight: "the machine works mostly when people do not",
    byNeither: "the load hardly depends on the time of the day",
    resource: "Resource",
    periods:
      "In use in business hours, in the nights of business days, and at weekends; p95 of the means of minutes",
    columns: { business: "Business", night: "Night", weekend: "Weekend" },
    course: "Busiest hours and trend",
    courseCaption: "The busiest hour of each resource, and how its use changed over the capture",
    courseColumns: {
      hour: "Busiest hour (UTC)",
      mean: "Mean in it",
      perHour: "Change an hour",
      perDay: "Change a day",
      bounds: "With 95 % confidence between",
    },
    bounds: (low: string, high: string) => `${low} and ${high}`,
    noTrend: "none that is sure",
    changes: "When the level of use changed",
    largestChanges: (shown: number, all: number) =>
      `When the level of use changed: the ${shown} largest of ${all}`,
    changeColumns: { at: "From (UTC)", before: "Mean before", after: "Mean after" },
    changesMeaning:
      "Found where two means explain the series so much better than one that chance is no reason (PELT), from 5 % of what there is, and where no steady rise or fall beside it explains them as well; a level lasts for half an hour at least, in captures of three days and more, from which the average business day and the average day off are taken out, for a day. A release, a move of work from elsewhere, or the beginning of the day is the usual reason.",
    noChanges: "No resource changed its level of use for good.",
    days: (coefficients: string) =>
      `How much hours resemble the same hours of the day before (autocorrelation at 24 h; 1 is the same course every day, 0 none): ${coefficients}.`,
    noBusiestHour: "A busiest hour needs two hours of data.",
    method:
      "The change is the median of the slopes between all pairs of equal spans (Theil–Sen), which single peaks do not bend.",
    withinDay: (duration: string) =>
      `Within ${duration} it is part of the daily course, and says nothing about growth.`,
    withinWeek: "Below a week it may be the difference between weekdays rather than growth.",
    batches: "Batch windows",
    batchesMeaning:
      "Stretches of at least 10 min outside of business hours in which a resource was busy to a quarter of its limit, and clearly more than it usually is in such hours. At night that is mostly batch work, such as backups, reports and imports; what is named as seen once may recur weekly, and is left out where another week shows that it does not. By day on a day off, what does not recur within 30 min of the same time, or takes more than 4 h, is taken for people's work and left out.",
    allBatches: "When they began, and what was busy",
    firstBatches: (shown: number, all: number) => `The first ${shown} of ${all} batch windows`,
    noBatches: (hours: string) =>
      `Outside of business hours (${hours}) nothing stood out as batch work: no resource was busy to a quarter of its limit for 10 min or longer, clearly busier than it usually is in such hours, and not by people by day on a day off, or once in several weeks.`,
    businessOnly: "The capture holds business hours only.",
    batchColumns: {
      start: (zone: string) => `Starts at (${zone})`,
      length: "Lasts",
      seen: "Seen",
      busy: "What was busy",
    },
    seenDays: (days: string) => `on ${days}`,
    seenOnce: (range: string) => `once, ${range}`,
    overrun: (duration: string) => `, up to ${duration} into business hours`,
    together: "What moves together",
    togetherCaption: "Strongest correlations, of ranks (Spearman), of means over equal spans",
    togetherColumns: {
      one: "One",
      other: "The other",
      coefficient: "Correlation",
      count: "Means compared",
      words: "In words",
    },
    along: "rise and fall together",
    against: "one rises when the other falls",
    notTogether: "No two resources rose and fell together clearly enough to be named.",
    togetherMeaning:
      "Two that move together may have one cause, or one may drive the other; the figures do not tell which. A whole daily course makes most things look related.",
  },
  sizing: {
    title: "Headroom and right-sizing",
    scarcest: (label: string, left: string) =>
      `The resource nearest to its limit is ${label}: ${left}`,
    noneLeft: "in the busiest twentieth of the samples nothing of it was left",
    left: (free: string) => `in 95 of 100 samples at least ${free} of it was free`,
    others: (list: string) => `; of the others: ${list} free`,
    noLimit:
      "The data has no resource whose limit is known, so nothing can be said about headroom.",
    headroom: "What was in use, and what was left of each resource",
    headroomColumns: {
      resource: "Resource",
      limit: "Compared with",
      usedP95: "In use, p95",
      usedP99: "In use, p99",
      freeP95: "Free, p95",
      freeP99: "Free, p99",
    },
    busy: (label: string) => `${label}, busy`,
    speed: (value: string) => `its speed, ${value}`,
    peak: (value: string) => `its own peak, ${value}`,
    belowPeak: (share: string) => `${share} below`,
    diskNote:
      "A disk is busy while it serves at least one request: one that serves many side by side still has room at 100 %. Its queue and the time of a request, in its own section, tell whether it is full.",
    peakNote:
      "Where the speed of an interface is not known, its traffic is compared with its own busiest sample: that shows how uneven the traffic is, not how much more the line could carry.",
    toldNote:
      "Where the speed of an interface is what the machine tells, its provider or the switch may let less through.",
    rightSize: "Right size",
    method:
      "The needed size is what was used, divided by the share of the machine that may be in use: with 20 % headroom, four fifths. It is rounded up to sizes on sale; a machine that fits is kept.",
    refused: (reason: string) =>
      `${reason} A size must fit the busiest hour of the day, and this data has not seen a whole day well enough; the headroom above is that of the captured time alone.`,
    refusals: {
      coverage: (share: string, least: string) =>
        `${share} of the window was captured: no right-sizing below ${least}.`,
      grade: (grade: string, least: string) =>
        `The data has grade ${grade}: no right-sizing below grade ${least}.`,
      noBusy: "cpu_idle has no values.",
      noCount: "The number of CPUs is not in the data.",
      steal: (withheld: string) =>
        `The hypervisor withheld ${withheld} of the CPU time at the 95th percentile: what a CPU of this machine is worth is not known.`,
      noMemory: "mem_available has no values: what programs really need is not in the data.",
    },
    cautions: {
      steal: (withheld: string) =>
        `The hypervisor withheld ${withheld} of the time at the 95th percentile; it is counted as wanted.`,
      saturated: (percent: number) =>
        `At ${percent} % busy and more, CPU time was used up: how much was wanted beyond that is unknown, so those figures are lower bounds.`,
      cache:
        "Page cache is not counted as needed. Where reading from disks matters, leave room for the files that are read often.",
      swapped:
        "The machine swapped: its programs needed more than they had, so the figures are lower bounds.",
      exhausted: (percent: number) =>
        `With less than ${percent} % available the kernel gives up cache and swaps: figures of such times are lower bounds.`,
    },
    cpus: "CPUs",
    memory: "Memory",
    cpuCaption: (count: string) => `CPUs: ${count} at present`,
    memoryCaption: (size: string) => `Memory: ${size} at present`,
    sizeColumns: {
      holds: "To hold",
      headroom: "Headroom",
      needed: "Needed",
      size: "Right size",
      comparison: "Against the present",
    },
    holds: { p95: "95 of 100 samples", p99: "99 of 100 samples" },
    atLeast: (text: string) => `at least ${text}`,
    larger: "more than there is",
    unknown: "not known: demand was cut off",
    same: "as it is",
    smaller: (percent: string) => `${percent} % smaller`,
    price: "Price of the work",
    priceCaption: (cost: string) => `At ${cost} an hour, whatever was done in it`,
    work: {
      cpu: () => "CPU-hour in use",
      traffic: (network: string) => `GiB received and sent by ${network}`,
      requests: (_network: string, disk: string) => `million requests to ${disk}`,
      connections: () => "thousand TCP connections accepted",
    },
    priceColumns: { work: "Work", amount: "In an hour, mean", price: "Price of one" },
  },
  fileSystems: {
    title: "File systems",
    imagesOnly: (count: string) =>
      `All ${count} are images without a free byte: made full, and not to be written.`,
    one: (mount: string) => `The one file system, ${mount},`,
    fullest: (count: number, mount: string) =>
      `Of ${count} file systems, ${mount} is the fullest: it`,
    use: (used: string, course: string, left: string) =>
      `was used to ${used} at the end of the capture, ${course}; ${left} were left.`,
    same: "as at its beginning",
    more: (points: string) => `${points} points more than at its beginning`,
    less: (points: string) => `${points} points less than at its beginning`,
    overview:
      "All file systems, the fullest first; at the end of the capture where nothing else is said",
    image: (mount: string) => `${mount} (image)`,
    columns: {
      mount: "Mounted at",
      size: "Size",
      available: "Available",
      used: "Used",
      first: "Used at the beginning",
      most: "Used at most",
      inodes: "Inodes used",
    },
    used: (mount: string) => `${mount}: used`,
    limit: (percent: number) => `limit ${percent} % left`,
    freeInodes: (mount: string) => `${mount}: free inodes`,
  },
  containers: {
    title: "Containers",
    one: "There is one container",
    several: (count: string) => `There are ${count}`,
    noCpu: (count: string) => `${count}; their CPU time is not in the file.`,
    use: (count: string, name: string, used: string) =>
      `${count}, ${name}: it used ${used} on average.`,
    together: (count: string, used: string) => `${count}, which together used ${used} on average.`,
    busiest: (name: string, mean: string, p95: string) =>
      `The busiest is ${name} with ${mean} on average and ${p95} at the 95th percentile.`,
    cpu: "CPU time of the busiest containers, in percent of one CPU",
    memory: "Memory of the same containers, page cache included",
    shown: (shown: number, all: number) =>
      `The ${shown} that used most CPU time; the annex has all ${all}.`,
    overview:
      "Containers, the busiest first; CPU in CPUs; – where there is no limit, or no such column",
    columns: {
      name: "Container",
      cpuMean: "CPU, mean",
      cpuP95: "CPU, p95",
      cpuLimit: "CPU limit",
      throttled: "Throttled, p95",
      memory: "Memory, p95",
      anonymous: "Without cache, p95",
      memoryLimit: "Memory limit",
      read: "Read, mean",
      written: "Written, mean",
      tasks: "Tasks, most",
    },
    container: (name: string) => `Container ${name}`,
    ownCpu: (name: string) => `${name}: CPU time in percent of one CPU`,
    ownThrottled: (name: string) => `${name}: periods in which its CPU limit stopped it`,
    ownAnonymous: (name: string) => `${name}: memory without page cache`,
    ownMemory: (name: string) => `${name}: memory`,
    limit: (value: string) => `its limit, ${value}`,
    throttledLimit: (percent: number) => `limit ${percent} %`,
  },
  connections: {
    title: "Connections",
    unknown: "How many connections were opened is not in the file.",
    opened: (accepted: string, opened: string) =>
      `This machine accepted ${accepted} TCP connections a second and opened ${opened} on average.`,
    sentAgain: (share: string) => `Of the segments that it sent, ${share} had to be sent again.`,
    opens: "TCP connections opened and accepted",
    sockets: "TCP connections established, and closed ones that wait",
    retransmits: "TCP segments sent again, and timeouts",
    turnedAway: "Connections turned away",
    statistics: "TCP, UDP and sockets",
  },
};
