"""Command lines for the fuzzer, and words that have a meaning in its inputs."""

COMMANDS = """\
equilibrium earth -T 1650 -m 0.3
equilibrium earth -T 1400:3000:3 -m 0.3,1 --pressure H2O=500_bar --inventory carbon=4e20_kg
equilibrium earth -T 1500 --fugacity CO2=1,10_bar --set volatiles.hydrogen=1_ocean -o out.csv
gas -T 1388 -P 794_bar H=4.6 C=0.4 O=2.5
gas -T 500 -P 300_bar H=2 C=0.1 O=1.4 --condensates C(gr),H2O(l) --fugacity PengRobinson1976 -o out.nc
gas -T 1388 -P 7e7 H=2 O=3 --species H2,H2O --engine kernel --mechanism hco
melting path pyrolite -P 52_GPa --until 0.95 --step 0.05
melting path FeO=7,MgO=50.5,SiO2=42.5,CaO=2.4 -P 52_GPa --mode batch --until 0.95 --step 0.05 -o out.csv
melting two-component -P 129_GPa -T 4000:5000:3 --volatiles 0.01
mantle earth --keys --set core_temperature=4600_K
mantle earth -t 1,10_Myr --set melting=batch
compare factsage nothing.csv -o out --mechanism hco
reproduce nothing --figure 4 --workers 2 --quick -o out
run E1 --set volatiles.hydrogen=0_kg --set mantle.model=lumped --set mantle.shells=10 --no-figures -q -o out
show earth --keys --set redox.oxygen_fugacity=IW+2 --set chemistry.species=["H2O","H2"]
show earth --keys --set chemistry.mechanism=chons --set volatiles.nitrogen=1_ppmw
run E1 --set cumulates.coupled=true --set mantle.closure=consistent --set mantle.cells=10 --set \
run.end_time=100_yr --no-figures -q -o out
run mars --set redox.ferric_iron=Sossi2020 --set mantle.model=lumped --set mantle.shells=10 --set \
run.end_time=100_yr --no-figures -q -o out
equilibrium chili-venus -T 2000 -m 0.5 --set volatiles.initial_pressure.H2O=10_bar --set \
volatiles.hydrogen=0_kg
resume out --set run.end_time=200_Myr --checkpoint 1 -q
sweep grid.toml -o out --workers 1 -q
report out -o page.html --overwrite
cite out -o references.bib
export out --format chili -o chili --planet earth --snapshot tau3-cold
plot out --figure flux --format png --time-axis log -o figures
cases
--version
"""

# Words of cases, mechanisms, tables of other programs, and command lines.
CASE = (
    "volatiles",
    "hydrogen",
    "carbon",
    "oxygen",
    "redox.oxygen_fugacity",
    "solubility",
    "mechanism",
    "column",
    "lumped",
    "path.toml:E1",
    "members",
    "species",
    "C/H",
    "ppmw",
)
YAML_WORDS = (
    "species",
    "composition",
    "thermo",
    "NASA7",
    "NASA9",
    "Shomate",
    "melt",
    "form",
    "power-law",
    "default-melt",
    "ideal-gas",
    "gas",
    "C(gr)",
    "volatiles.yaml/species",
    "equilibrium-constants",
    "log10-K",
)
TABLE = (
    "temperature [K]",
    "pressure [bar]",
    "H2O [bar]",
    "total H [mol]",
    "melt fraction",
    "log10 fO2",
    "volatiles.hydrogen",
    "# oxygen: own",
    "T = 1388 K",
    "P = 1 bar",
    "PHASE: gas_ideal mol bar",
    "mol",
    ";",
    "3 mol gas_ideal (",
)
OPTIONS = (
    "\n--set\n",
    "\n-o\n",
    "\n--help",
    "\n-q",
    "1400:3000:1e9",
    "1:2:99999999999",
    "1 K",
    "1 GPa",
    "H2O=1 bar",
    "FeO=1",
    "../canary.csv",
    "canary/",
    "/dev/full",
    "--figure",
    "\n--\n",
)
